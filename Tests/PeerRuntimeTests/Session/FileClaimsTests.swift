import ByteStrings
import Foundation
import PeerEvents
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

/// What a download may do to files that are there: a table of what stands there and what comes of it.
@Suite struct FileClaimsTests {
    private static let piece = 32_768
    private static let payload = Payload(name: "held", files: [("a", 5 * piece), ("b", 3 * piece + 100)], seed: 8)

    /// What the survey makes of it: what may be done to `a`, or the failure.
    private struct Case: Sendable {
        let title: String
        var overwrite = false
        /// From the bytes of `a` as they should be, those that stand there; nil for no file.
        var change: @Sendable ([UInt8]) -> [UInt8]?
        var expected: Expected
    }

    private enum Expected: Sendable {
        case leave(FileLeave)
        case failure(containing: String)
    }

    private static let cases: [Case] = [
        Case(title: "nothing", change: { _ in nil }, expected: .leave(.compare)),
        Case(title: "all of it", change: { $0 }, expected: .leave(.compare)),
        Case(title: "empty", change: { _ in [] }, expected: .leave(.fill)),
        Case(title: "two pieces and a half", change: { Array($0[..<80_000]) }, expected: .leave(.fill)),
        Case(title: "a piece of zeros", change: { zeroed($0, piece..<2 * piece) }, expected: .leave(.fill)),
        Case(title: "a write that stopped", change: { zeroed($0, piece + 8_192..<2 * piece) }, expected: .leave(.fill)),
        Case(
            title: "a changed byte", change: { flipped($0, 50_000) },
            expected: .failure(containing: "7 of 9 pieces are right; --overwrite fetches the others, 33 KiB")),
        Case(title: "a changed byte", overwrite: true, change: { flipped($0, 50_000) }, expected: .leave(.overwrite)),
        Case(
            title: "less than a piece", change: { Array($0[..<20_000]) },
            expected: .failure(containing: "--overwrite")),
        Case(
            title: "something else", change: { _ in Array(repeating: 7, count: 5 * piece) },
            expected: .failure(containing: "3 of 9 pieces are right; --overwrite")),
        Case(
            title: "zeros that were written", change: { Array(repeating: 0, count: $0.count) },
            expected: .failure(containing: "--overwrite")),
        Case(title: "a byte more", change: { $0 + [1] }, expected: .failure(containing: "1 bytes longer")),
        Case(title: "a byte more", overwrite: true, change: { $0 + [1] }, expected: .leave(.write)),
    ]

    @Test(arguments: cases.indices)
    func aFileWithoutARecord(number: Int) throws {
        let one = Self.cases[number]
        let stage = try NodeStage(Self.payload)
        let whole = try FileTree.read("\(stage.source)/held/a")
        // What is lacking of `b` has nothing to do with it.
        let b = try FileTree.read("\(stage.source)/held/b")
        try FileTree.write(Array(b[..<(3 * Self.piece)]), to: "\(stage.target)/held/b")
        if let bytes = one.change(whole) { try FileTree.write(bytes, to: "\(stage.target)/held/a") }
        let content = try TorrentContent(
            stage.metainfo, folder: ByteString(stage.target), role: .leech, openFiles: OpenFileCache())
        let survey = ContentSurvey(
            content: content, records: ResumeStore(folder: nil), role: .leech, overwrite: one.overwrite,
            onProgress: { _, _ in }, isCancelled: { false })
        switch one.expected {
        case .leave(let leave):
            _ = try survey.finish(survey.look(nil))
            #expect(content.storage.holdings[0].leave == leave, "\(one.title)")
            #expect(content.storage.change(in: 0..<2) == nil)
        case .failure(let words):
            #expect {
                try survey.finish(survey.look(nil))
            } throws: { error in
                guard let failure = error as? PeerFailure else { return false }
                #expect(failure.message.contains(words) && failure.message.contains("held/a"), "\(failure)")
                return failure.kind == .io
            }
            #expect(try FileTree.read("\(stage.target)/held/a") == one.change(whole), "\(one.title)")
        }
    }

    private static func zeroed(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
        var bytes = bytes
        for position in range { bytes[position] = 0 }
        return bytes
    }

    private static func flipped(_ bytes: [UInt8], _ position: Int) -> [UInt8] {
        var bytes = bytes
        bytes[position] ^= 1
        return bytes
    }
}
