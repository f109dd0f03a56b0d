import Foundation
import TestSupport
import Testing

/// A resume record that is damaged, gone or not one at all costs a check, and nothing else.
@Suite("Damaged records")
struct RecordTests {
    private static let pieceLength = 16 << 10
    private static let payload = Payload(file: "recorded", size: 64 * pieceLength - 77, seed: 23)

    private static func stopped(_ stage: Stage) async throws -> (HalfwayStage, record: String) {
        let half = try HalfwayStage(stage, payload, pieceLength: pieceLength, first: 0..<30)
        try await half.stopHalfway()
        return (half, try stage.onlyRecord())
    }

    /// What a start makes of what is there, as it says itself; nil if it ends instead.
    private static func look(_ half: HalfwayStage) async throws -> ProgramEvent? {
        let leecher = try half.startLonely()
        _ = try await eventually(within: .seconds(20)) {
            leecher.status != nil || leecher.events.contains { $0.event == "verified" }
        }
        #expect(try await leecher.interrupt() == .code(7), "\(leecher.log)")
        return leecher.events.first { $0.event == "verified" }
    }

    @Test("With one bit flipped, wherever it is", arguments: 0..<4)
    func flippedBit(quarter: Int) async throws {
        try await withStage { stage in
            let (half, path) = try await Self.stopped(stage)
            #expect(try await Self.look(half)?.fromResume == true)
            let record = try FileTree.read(path)
            let right = try half.truth().rightPieces.count
            // A bit of every eleventh byte, other ones in each quarter.
            for byte in stride(from: quarter, to: record.count, by: 11) {
                var flipped = record
                flipped[byte] ^= 1 << UInt8((byte * 5 + quarter) % 8)
                try FileTree.write(flipped, to: path)
                let verified = try await Self.look(half)
                #expect(verified?.goodPieces == right && verified?.fromResume == false, "byte \(byte)")
            }
            let last = try await half.finish()
            #expect(last.status == .code(0), "\(last.log)")
            #expect(try half.truth().isWhole)
        }
    }

    /// What has become of a record.
    enum Damage: String, CaseIterable, Sendable {
        case deleted, emptied, halved, shortened, lengthened, ofNoise, ofVersion2, ofAnotherTorrent

        func apply(to path: String, _ half: HalfwayStage) throws {
            let record = try FileTree.read(path)
            switch self {
            case .deleted: try SweepFile.remove(path)
            case .emptied: try FileTree.write([], to: path)
            case .halved: try FileTree.write(Array(record.prefix(record.count / 2)), to: path)
            case .shortened: try FileTree.write(record.dropLast(), to: path)
            case .lengthened: try FileTree.write(record + [0], to: path)
            case .ofNoise:
                var bytes = PayloadBytes(seed: 3)
                try FileTree.write(bytes.next(record.count), to: path)
            case .ofVersion2: try FileTree.write(RecordTests.versionTwo(half), to: path)
            case .ofAnotherTorrent:
                let own = ReferenceSHA1.bytes(ofHex: half.shared.infoHash)
                try FileTree.write(record.replacing(own, with: [UInt8](repeating: 7, count: 20)), to: path)
            }
        }
    }

    @Test("Not as it was left", arguments: Damage.allCases)
    func damaged(damage: Damage) async throws {
        try await withStage { stage in
            let (half, path) = try await Self.stopped(stage)
            let truth = try half.truth()
            try damage.apply(to: path, half)
            let second = try await half.finish()
            #expect(second.status == .code(0), "\(second.log)")
            let verified = try #require(second.events.first { $0.event == "verified" })
            #expect(verified.goodPieces == truth.rightPieces.count)
            #expect(verified.fromResume == false)
            #expect(second.events.last { $0.event == "stopped" }?.downloaded == Self.payload.length - truth.rightBytes)
            #expect(try half.truth().isWhole)
        }
    }

    /// A record as it was two versions ago, which claims everything of the file that is there.
    private static func versionTwo(_ half: HalfwayStage) throws -> [UInt8] {
        let status = try SweepFile.status("\(half.dir)/recorded")
        let numbers = [
            Int64(status.st_size), Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
            Int64(bitPattern: UInt64(status.st_ino)),
        ]
        let entry = numbers.flatMap { number in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> Int64($0)) }
        }
        return Bencoded.dictionary([
            ("files", .bytes(entry)), ("have", .bytes([UInt8](repeating: 0xff, count: 8))),
            ("info hash", .bytes(ReferenceSHA1.bytes(ofHex: half.shared.infoHash))), ("ours", .bytes([0x80])),
            ("version", 2),
        ]).encoded
    }
}

extension ReferenceSHA1 {
    static func bytes(ofHex text: String) -> [UInt8] {
        stride(from: 0, to: text.count, by: 2).compactMap { UInt8(text.dropFirst($0).prefix(2), radix: 16) }
    }
}
