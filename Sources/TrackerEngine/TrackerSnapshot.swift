import TorrentCore

/// A tracker's swarms as bytes for a file: a header, frames of swarms, and an end, each with a checksum, so that a file
/// that was cut or damaged anywhere is told from a whole one.
///
/// Header: "P2PTRKR", the version (1), seconds since 1970 (8), SipHash of these (8); later versions have the same.
/// Frame: length (4), SipHash of the records (8), records. End: a length of 0 (4), SipHash of the rest (8), whole
/// downloads, those of forgotten torrents too (8), bytes of all frames (8). Numbers are big-endian.
///
/// Version 1 had neither the header's checksum nor anything behind the last length.
package enum TrackerSnapshot {
    /// The version that is written.
    package static let version: UInt8 = 2
    /// The previous version, which is still read.
    package static let oldVersion: UInt8 = 1
    private static let magic = Array("P2PTRKR".utf8)
    private static let plainHeaderLength = 16
    /// Bytes.
    package static let headerLength = 24
    static let frameHeaderLength = 12
    private static let endLength = 28
    // The key is no secret: the hash finds accidents, not forgers.
    private static let checksum = SipHash(key: (0x7032_7020_7472_6163, 0x6B65_7220_7374_6174))
    /// More downloads than any tracker counts: what a file says must leave room to go on counting.
    private static let mostDownloads: UInt64 = 1 << 62
    /// A longer pause between two runs means that a clock was wrong: some ten years.
    private static let longestRest = Duration.seconds(10 * 366 * 86_400)

    // MARK: Writing

    /// Appends the header of a snapshot that is written now.
    package static func appendHeader(secondsSince1970: Int64, to output: inout [UInt8]) {
        var header = magic
        header.append(version)
        header.appendBigEndian(secondsSince1970)
        header.appendBigEndian(checksum.hash(header))
        output += header
    }

    static func appendFrame(_ records: [UInt8], to output: inout [UInt8]) {
        guard !records.isEmpty else { return }
        output.appendBigEndian(UInt32(records.count))
        output.appendBigEndian(checksum.hash(records))
        output += records
    }

    static func appendEnd(downloads: Int, frameBytes: Int, to output: inout [UInt8]) {
        var totals: [UInt8] = []
        totals.appendBigEndian(UInt64(downloads))
        totals.appendBigEndian(UInt64(frameBytes))
        output.appendBigEndian(UInt32(0))
        output.appendBigEndian(checksum.hash(totals))
        output += totals
    }

    // MARK: Reading

    /// What the frames do not say.
    struct Summary {
        let version: UInt8
        /// When the file was begun, seconds since 1970, by a clock that may have been wrong.
        let writtenAt: Int64
        /// Whole downloads, those of forgotten torrents too.
        let downloads: Int
    }

    /// Whether these bytes begin as a snapshot does, of whatever version.
    package static func isBeginning(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// Whether these bytes are a snapshot without any damage, of a version that is known.
    package static func isWhole(_ bytes: [UInt8]) -> Bool {
        do throws(TrackerSnapshotError) {
            return try bytes.withBytes { span throws(TrackerSnapshotError) in
                _ = try read(span) { _ throws(TrackerSnapshotError) in }
                return true
            }
        } catch {
            return false
        }
    }

    /// Calls `body` with the records of each frame.
    static func read(
        _ bytes: RawSpan, _ body: (RawSpan) throws(TrackerSnapshotError) -> Void
    ) throws(TrackerSnapshotError) -> Summary {
        let version = try readVersion(bytes)
        let start = version == oldVersion ? plainHeaderLength : headerLength
        var offset = start
        while true {
            guard bytes.byteCount - offset >= 4 else { throw .cutShort(at: offset) }
            let length = Int(bytes.uint32(at: offset))
            if length == 0 { break }
            guard bytes.byteCount - offset - frameHeaderLength >= length else { throw .cutShort(at: offset) }
            let content = offset + frameHeaderLength..<offset + frameHeaderLength + length
            guard checksum.hash(bytes.array(content)) == bytes.uint64(at: offset + 4) else {
                throw .damaged(at: offset)
            }
            try body(bytes.extracting(content))
            offset = content.upperBound
        }
        let downloads = version == oldVersion ? 0 : try readEnd(bytes, at: offset, frameBytes: offset - start)
        return Summary(version: version, writtenAt: Int64(bitPattern: bytes.uint64(at: 8)), downloads: downloads)
    }

    private static func readVersion(_ bytes: RawSpan) throws(TrackerSnapshotError) -> UInt8 {
        guard bytes.byteCount >= magic.count, bytes.array(0..<magic.count) == magic else { throw .notASnapshot }
        guard bytes.byteCount >= plainHeaderLength else { throw .cutShort(at: bytes.byteCount) }
        let found = bytes.uint8(at: magic.count)
        if found == oldVersion { return found }
        guard bytes.byteCount >= headerLength else { throw .cutShort(at: bytes.byteCount) }
        guard checksum.hash(bytes.array(0..<plainHeaderLength)) == bytes.uint64(at: plainHeaderLength) else {
            throw .damaged(at: 0)
        }
        guard found == version else { throw .unknownVersion(found) }
        return found
    }

    private static func readEnd(
        _ bytes: RawSpan, at offset: Int, frameBytes: Int
    ) throws(TrackerSnapshotError) -> Int {
        guard bytes.byteCount - offset >= endLength else { throw .cutShort(at: offset) }
        let totals = offset + frameHeaderLength
        guard checksum.hash(bytes.array(totals..<totals + 16)) == bytes.uint64(at: offset + 4),
            bytes.uint64(at: totals + 8) == UInt64(frameBytes), bytes.byteCount - offset == endLength
        else { throw .damaged(at: offset) }
        return Int(min(bytes.uint64(at: totals), mostDownloads))
    }

    /// From `written` to `now`, both in seconds since 1970, in whole minutes; nil if one of them is of a wrong clock.
    static func rest(from written: Int64, to now: Int64) -> Duration? {
        let (seconds, overflow) = now.subtractingReportingOverflow(written)
        guard !overflow, seconds >= 0 else { return nil }
        let rest = Duration.seconds(seconds / 60 * 60)
        return rest <= longestRest ? rest : nil
    }
}

/// What is wrong with a snapshot file, and at which byte.
package enum TrackerSnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
    case notASnapshot
    /// Of a program that is newer than this one.
    case unknownVersion(UInt8)
    case cutShort(at: Int)
    case damaged(at: Int)

    package var description: String {
        switch self {
        case .notASnapshot: "it is no state of a tracker"
        case .unknownVersion(let version): "it is of version \(version), which this program does not know"
        case .cutShort(let at): "it ends too early, at byte \(at)"
        case .damaged(let at): "it is damaged at byte \(at)"
        }
    }
}

/// What was read from a snapshot.
package struct RestoredSnapshot: Sendable, Hashable {
    /// Peers that were taken over.
    package var peers = 0
    /// Peers that had expired by then.
    package var silentPeers = 0
    /// Torrents and peers beyond the limits.
    package var refused = 0
    /// Since it was written, in whole minutes; nil if a clock must be wrong, and it counts as written just now.
    package var rest: Duration?
    package var isOldVersion = false

    package init() {}
}
