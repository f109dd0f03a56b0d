package import TorrentCore
package import TorrentIO

/// Which pieces were verified and on the disk when it was written, and how to recognise their files.
///
/// A piece is trusted only if every file that it touches is still the one that the record describes: same inode, size,
/// times of change and of birth. Other pieces are hashed again.
package struct ResumeRecord: Equatable, Sendable {
    package var infoHash: InfoHash
    /// Verified, and flushed to the disk.
    package var have: Bitfield
    /// A signature a file of the metainfo, as the file was after our last write; nil if it was not there.
    package var signatures: [FileSignature?]
    /// What may be done to each of these files.
    package var leaves: [FileLeave]

    private static let version: Int64 = 3
    /// Bytes of a file's entry: size, times of modification, change and birth and inode, big-endian, and the leave; a
    /// size of -1 where there was no file. Not bencoded one by one, as a torrent may have 100,000 files.
    private static let entryLength = 41
    /// The SHA-1 of all that is before it, at the end: a record with a flipped bit is none.
    private static let checksumLength = 20

    package init(infoHash: InfoHash, have: Bitfield, signatures: [FileSignature?], leaves: [FileLeave]) {
        self.infoHash = infoHash
        self.have = have
        self.signatures = signatures
        self.leaves = leaves
    }

    /// Of what a storage holds.
    init(infoHash: InfoHash, have: Bitfield, holdings: [FileHolding]) {
        self.init(
            infoHash: infoHash, have: have, signatures: holdings.map { $0.standing?.signature },
            leaves: holdings.map(\.leave))
    }

    /// As a bencoded dictionary, and its checksum.
    package var encoded: [UInt8] {
        var files: [UInt8] = []
        files.reserveCapacity(signatures.count * Self.entryLength)
        for (signature, leave) in zip(signatures, leaves) {
            files.appendBigEndian(signature?.size ?? -1)
            files.appendBigEndian(signature?.modified ?? 0)
            files.appendBigEndian(signature?.changed ?? 0)
            files.appendBigEndian(signature?.born ?? 0)
            files.appendBigEndian(signature?.inode ?? 0)
            files.append(leave.rawValue)
        }
        let value: BencodeValue = [
            "version": .integer(Self.version),
            "info hash": .string(infoHash.bytes.array),
            "have": .string(have.wire),
            "files": .string(files),
        ]
        let body = value.encoded
        return body + Self.checksum(of: body)
    }

    /// Nil if it is no complete record of this torrent, of this version: it is then ignored.
    package init?(_ bytes: [UInt8], infoHash: InfoHash, pieces: Int, files: Int) {
        let body = Array(bytes.dropLast(Self.checksumLength))
        let limits = BencodeLimits(byteCount: 64 << 20, depth: 2, items: 64)
        guard bytes.suffix(Self.checksumLength).elementsEqual(Self.checksum(of: body)),
            let value = try? BencodeValue(decoding: body, limits: limits),
            value["version"]?.integer == Self.version, value["info hash"]?.string == infoHash.bytes.array,
            let have = value["have"]?.string?.withBytes({ Bitfield(wire: $0, count: pieces) }),
            let entries = value["files"]?.string, entries.count == files * Self.entryLength
        else { return nil }
        self.infoHash = infoHash
        self.have = have
        signatures = []
        leaves = []
        signatures.reserveCapacity(files)
        leaves.reserveCapacity(files)
        entries.withBytes { bytes in
            for start in stride(from: 0, to: bytes.byteCount, by: Self.entryLength) {
                signatures.append(Self.signature(bytes, at: start))
                leaves.append(FileLeave(rawValue: bytes.uint8(at: start + Self.entryLength - 1)) ?? .compare)
            }
        }
    }

    private static func signature(_ bytes: RawSpan, at start: Int) -> FileSignature? {
        let size = Int64(bitPattern: bytes.uint64(at: start))
        guard size >= 0 else { return nil }
        return FileSignature(
            size: size, modified: Int64(bitPattern: bytes.uint64(at: start + 8)),
            changed: Int64(bitPattern: bytes.uint64(at: start + 16)),
            born: Int64(bitPattern: bytes.uint64(at: start + 24)), inode: bytes.uint64(at: start + 32))
    }

    private static func checksum(of body: [UInt8]) -> [UInt8] {
        var hash = SHA1()
        body.withBytes { hash.update($0) }
        return hash.finish().bytes.array
    }
}
