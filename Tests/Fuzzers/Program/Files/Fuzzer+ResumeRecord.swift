import PeerRuntime
import TorrentCore
import TorrentIO

extension Fuzzer {
    /// The body of a resume record; its checksum is put right, or nothing would come past it.
    static let resumeRecord = Fuzzer("resume-record", "a record that is read is written and read again as it was") {
        var have = Bitfield(count: pieceCount)
        for piece in [0, 3, 10] { have[piece] = true }
        let signature = FileSignature(size: 5, modified: -1, changed: 1 << 62, born: 7, inode: UInt64.max)
        let record = ResumeRecord(
            infoHash: infoHash, have: have, signatures: [signature, nil, signature], leaves: [.write, .compare, .fill])
        return [Array(record.encoded.dropLast(20)), Array("d4:have0:e".utf8)]
    } run: { bytes in
        var hash = SHA1()
        bytes.withBytes { hash.update($0) }
        guard let record = decode(bytes + hash.finish().bytes.array) else {
            return
        }
        hold(record.have.count == pieceCount && record.signatures.count == fileCount, "another torrent's")
        hold(record.leaves.count == fileCount, "\(record.leaves.count) leaves")
        hold(decode(record.encoded) == record, "another record when written again")
        hold(decode(bytes) == nil, "a record without its checksum")
    }

    private static let infoHash = InfoHash(Bytes20(high: 1, middle: 2, low: 3))
    private static let pieceCount = 11
    private static let fileCount = 3

    private static func decode(_ bytes: [UInt8]) -> ResumeRecord? {
        ResumeRecord(bytes, infoHash: infoHash, pieces: pieceCount, files: fileCount)
    }
}
