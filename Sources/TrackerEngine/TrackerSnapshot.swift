import TorrentCore

/// A tracker's swarms as bytes for a file: a header, frames of whole swarms each with a checksum, and a mark at the
/// end, so that a file that was cut or damaged is told from a whole one.
///
/// Header: "P2PTRKR", the version, seconds since 1970 (8 bytes). Frame: length (4), SipHash of the swarms (8), swarms;
/// a length of 0 ends the file. Numbers are big-endian.
package enum TrackerSnapshot {
    package static let version: UInt8 = 1
    private static let magic = Array("P2PTRKR".utf8)
    static let headerLength = 16
    static let frameHeaderLength = 12
    // The key is no secret: the hash finds accidents, not forgers.
    private static let checksum = SipHash(key: (0x7032_7020_7472_6163, 0x6B65_7220_7374_6174))

    package static func appendHeader(secondsSince1970: Int64, to output: inout [UInt8]) {
        output += magic
        output.append(version)
        output.appendBigEndian(secondsSince1970)
    }

    package static func appendEnd(to output: inout [UInt8]) { output.appendBigEndian(UInt32(0)) }

    static func appendFrame(_ swarms: [UInt8], to output: inout [UInt8]) {
        guard !swarms.isEmpty else { return }
        output.appendBigEndian(UInt32(swarms.count))
        output.appendBigEndian(checksum.hash(swarms))
        output += swarms
    }

    /// Calls `body` with the swarms of each frame; the time at which the file was begun, seconds since 1970.
    static func read(
        _ bytes: RawSpan, _ body: (RawSpan) throws(TrackerSnapshotError) -> Void
    ) throws(TrackerSnapshotError) -> Int64 {
        guard bytes.byteCount >= headerLength, bytes.array(0..<magic.count) == magic else { throw .notASnapshot }
        let found = bytes.uint8(at: magic.count)
        guard found == version else { throw .unknownVersion(found) }
        var offset = headerLength
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
        return Int64(bitPattern: bytes.uint64(at: 8))
    }
}

/// What is wrong with a snapshot file, and at which byte.
package enum TrackerSnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
    case notASnapshot
    case unknownVersion(UInt8)
    case cutShort(at: Int)
    case damaged(at: Int)

    package var description: String {
        switch self {
        case .notASnapshot: "it is no snapshot of a tracker"
        case .unknownVersion(let version): "it is of version \(version), which this program does not know"
        case .cutShort(let at): "it ends too early, at byte \(at)"
        case .damaged(let at): "it is damaged at byte \(at)"
        }
    }
}
