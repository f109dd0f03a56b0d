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

    private static let version: Int64 = 1

    package init(infoHash: InfoHash, have: Bitfield, signatures: [FileSignature?], ours: Bitfield) {
        self.infoHash = infoHash
        self.have = have
        self.signatures = signatures
        self.ours = ours
    }

    /// As a bencoded dictionary.
    package var encoded: [UInt8] {
        let files = signatures.map { signature -> BencodeValue in
            guard let signature else { return .list([]) }
            return .list([
                .integer(signature.size), .integer(signature.modifiedNanoseconds),
                .integer(Int64(bitPattern: signature.inode)),
            ])
        }
        let value: BencodeValue = [
            "version": .integer(Self.version),
            "info hash": .string(infoHash.bytes.array),
            "have": .string(have.wire),
            "ours": .string(ours.wire),
            "files": .list(files),
        ]
        return value.encoded
    }

    /// Nil if it is not a whole record of this torrent, of this version: then it is as if there were none.
    package init?(_ bytes: [UInt8], infoHash: InfoHash, pieces: Int, files: Int) {
        let limits = BencodeLimits(byteCount: 64 << 20, depth: 4, items: 4 * files + 64)
        guard let value = try? BencodeValue(decoding: bytes, limits: limits),
            value["version"]?.integer == Self.version, value["info hash"]?.string == infoHash.bytes.array,
            let have = value["have"]?.string?.withBytes({ Bitfield(wire: $0, count: pieces) }),
            let ours = value["ours"]?.string?.withBytes({ Bitfield(wire: $0, count: files) }),
            let list = value["files"]?.list, list.count == files
        else { return nil }
        self.infoHash = infoHash
        self.have = have
        self.ours = ours
        signatures = []
        for entry in list {
            let numbers = entry.list?.compactMap(\.integer) ?? []
            switch numbers.count {
            case 0: signatures.append(nil)
            case 3:
                signatures.append(
                    FileSignature(
                        size: numbers[0], modifiedNanoseconds: numbers[1], inode: UInt64(bitPattern: numbers[2])))
            default: return nil
            }
        }
    }
}
