package import TorrentCore
package import TorrentIO

/// What was verified and on the disk when it was written, and by what the files can be known again.
///
/// It vouches for a piece only as long as every file that the piece touches is still the one it describes: same size,
/// same time of change, same inode. Pieces of other files are hashed again.
package struct ResumeRecord: Equatable, Sendable {
    package var infoHash: InfoHash
    /// Verified, and flushed to the disk.
    package var have: Bitfield
    /// A signature a file of the metainfo; nil if it was not there.
    package var signatures: [FileSignature?]
    /// Files that we made, or that the user let us overwrite: a bit a file.
    package var ours: Bitfield

    private static let version: Int64 = 2
    /// Bytes of a file's entry: size, time of change and inode, big-endian; a size of -1 where there was no file. Not
    /// bencoded one by one, as a torrent may have 100,000 files.
    private static let entryLength = 24

    package init(infoHash: InfoHash, have: Bitfield, signatures: [FileSignature?], ours: Bitfield) {
        self.infoHash = infoHash
        self.have = have
        self.signatures = signatures
        self.ours = ours
    }

    /// As a bencoded dictionary.
    package var encoded: [UInt8] {
        var files: [UInt8] = []
        files.reserveCapacity(signatures.count * Self.entryLength)
        for signature in signatures {
            files.appendBigEndian(signature?.size ?? -1)
            files.appendBigEndian(signature?.modifiedNanoseconds ?? 0)
            files.appendBigEndian(signature?.inode ?? 0)
        }
        let value: BencodeValue = [
            "version": .integer(Self.version),
            "info hash": .string(infoHash.bytes.array),
            "have": .string(have.wire),
            "ours": .string(ours.wire),
            "files": .string(files),
        ]
        return value.encoded
    }

    /// Nil if it is not a whole record of this torrent, of this version: then it is as if there were none.
    package init?(_ bytes: [UInt8], infoHash: InfoHash, pieces: Int, files: Int) {
        let limits = BencodeLimits(byteCount: 64 << 20, depth: 2, items: 64)
        guard let value = try? BencodeValue(decoding: bytes, limits: limits),
            value["version"]?.integer == Self.version, value["info hash"]?.string == infoHash.bytes.array,
            let have = value["have"]?.string?.withBytes({ Bitfield(wire: $0, count: pieces) }),
            let ours = value["ours"]?.string?.withBytes({ Bitfield(wire: $0, count: files) }),
            let entries = value["files"]?.string, entries.count == files * Self.entryLength
        else { return nil }
        self.infoHash = infoHash
        self.have = have
        self.ours = ours
        signatures = entries.withBytes { bytes in
            stride(from: 0, to: bytes.byteCount, by: Self.entryLength).map { start in
                let size = Int64(bitPattern: bytes.uint64(at: start))
                guard size >= 0 else { return nil }
                return FileSignature(
                    size: size, modifiedNanoseconds: Int64(bitPattern: bytes.uint64(at: start + 8)),
                    inode: bytes.uint64(at: start + 16))
            }
        }
    }
}
