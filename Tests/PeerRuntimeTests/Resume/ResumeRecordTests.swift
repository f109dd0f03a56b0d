import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

@Suite struct ResumeRecordTests {
    private static let infoHash = InfoHash(Bytes20(high: 1, middle: 2, low: 3))

    private static let record: ResumeRecord = {
        var have = Bitfield(count: 11)
        for piece in [0, 3, 10] { have[piece] = true }
        let signature = FileSignature(
            size: 5, modified: -1, changed: 1 << 62, born: 7, inode: UInt64.max)
        return ResumeRecord(
            infoHash: infoHash, have: have, signatures: [signature, nil, signature], leaves: [.write, .compare, .fill])
    }()

    private static func decoded(_ bytes: [UInt8], pieces: Int = 11, files: Int = 3) -> ResumeRecord? {
        ResumeRecord(bytes, infoHash: infoHash, pieces: pieces, files: files)
    }

    @Test func comesBackAsItWas() {
        #expect(Self.decoded(Self.record.encoded) == Self.record)
        #expect(Self.decoded(Self.record.encoded, pieces: 200) == nil)
        #expect(Self.decoded(Self.record.encoded, files: 2) == nil)
        #expect(
            ResumeRecord(
                Self.record.encoded, infoHash: InfoHash(Bytes20(high: 1, middle: 2, low: 4)), pieces: 11, files: 3)
                == nil)
    }

    @Test func oneFlippedBitAnywhereMakesItNone() {
        let bytes = Self.record.encoded
        for position in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[position] ^= 1 << UInt8(bit)
                #expect(Self.decoded(flipped) == nil, "byte \(position), bit \(bit)")
            }
        }
    }

    @Test func aPartOfItIsNone() {
        let bytes = Self.record.encoded
        for count in bytes.indices { #expect(Self.decoded(Array(bytes[..<count])) == nil) }
        #expect(Self.decoded(bytes + [0]) == nil)
    }
}
