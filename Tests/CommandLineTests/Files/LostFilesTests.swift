import TestSupport
import Testing

/// Files of a download that somebody has removed or edited are fetched again, or refused; they are never claimed.
@Suite("Files lost and edited")
struct LostFilesTests {
    private static let payload = Payload(
        name: "many", files: (0..<300).map { ("d\($0 % 7)/f\($0)", 2_000 + $0 % 3) }, seed: 17)
    private static let pieceLength = 16 << 10

    @Test("40 of 300 half-done files are removed, between two runs or during one", arguments: [false, true])
    func removed(isDuring: Bool) async throws {
        try await withStage { stage in
            let half = try HalfwayStage(stage, Self.payload, pieceLength: Self.pieceLength, first: 0..<18)
            let first = try half.startLeech("-e")
            try await half.waitUntilHalf(first)
            if !isDuring { #expect(try await first.interrupt() == .code(7), "\(first.log)") }
            let there = FileTree.files(below: "\(half.dir)/many")
            #expect(there.count > 140)
            for file in there.enumerated() where file.offset % 3 == 1 && file.offset < 120 {
                try SweepFile.remove("\(half.dir)/many/\(file.element)")
            }
            #expect(FileTree.files(below: "\(half.dir)/many").count == there.count - 40)
            if isDuring { _ = try await first.interrupt() }
            let truth = try half.truth()

            let second = try await half.finish()
            let verified = try #require(second.events.first { $0.event == "verified" })
            #expect(verified.goodPieces == truth.rightPieces.count, "\(second.log)")
            #expect(second.status == .code(0), "\(second.log)")
            #expect(second.events.last { $0.event == "stopped" }?.downloaded == Self.payload.length - truth.rightBytes)
            #expect(try half.shared.differences(in: half.dir) == [])
        }
    }

    @Test("A file that is removed while it is fetched was never there already")
    func notThereAlready() async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, SweepShape.single.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
            let leecher = try half.startLeech("-e")
            try await half.waitUntilHalf(leecher)
            try SweepFile.remove("\(half.dir)/sweep")
            half.sender.open()
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0), "\(leecher.log)")
            #expect(try half.truth().isWhole, "\(leecher.log)")
            try SweepFile.remove("\(half.dir)/sweep")
            let again = try await stage.run(
                Executables.peer,
                ["leech", half.shared.path, "--dir", half.dir, "--listen", "127.0.0.1:0", "-e"] + half.sender.options)
            #expect(again.status == .code(0), "\(again.log)")
            #expect(!again.log.contains("were there already"), "\(again.log)")
            #expect(try half.truth().isWhole)
            let third = try await stage.run(
                Executables.peer, ["leech", half.shared.path, "--dir", half.dir, "--listen", "127.0.0.1:0", "-e"])
            #expect(third.log.contains("were there already"), "\(third.log)")
        }
    }

    @Test("An edit of a finished download is noticed though its time was put back", arguments: SweepShape.allCases)
    func editedWithTimePutBack(shape: SweepShape) async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, shape.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
            #expect(try await half.finish().status == .code(0))
            let path = "\(half.dir)/\(shape.target)"
            let time = try SweepFile.modified(path)
            try SweepFile.put(Mutation.marker, at: 40_000, in: path)
            try SweepFile.setModified(path, time)
            let keepsake = try Keepsake(path)

            let leecher = try await half.finish()
            #expect(leecher.status == .code(5), "\(leecher.log)")
            #expect(keepsake.loss == nil)
            let seeder = try stage.startSeed(half.shared.path, dir: half.dir)
            let verified = try await seeder.waitForEvent("verified")
            #expect(verified.goodPieces == 7)
            #expect(verified.fromResume == false)
        }
    }

    @Test("Killed before a flush, a download goes on with what it has written", arguments: SweepShape.allCases)
    func killedUnflushed(shape: SweepShape) async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, shape.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
            let leecher = try half.startLeech()
            try await half.waitUntilHalf(leecher)
            leecher.kill()
            let second = try await half.finish()
            #expect(second.status == .code(0), "\(second.log)")
            #expect(second.events.first { $0.event == "verified" }?.goodPieces == SweepShape.first.count)
            #expect(try half.truth().isWhole)
        }
    }

    @Test("A change of what is seeded is noticed also when nobody downloads any more")
    func changedAfterTheLastDownload() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "left", size: 4_000_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--upload-limit", "400K"])
            let port = try await seeder.listeningPort()
            let leecher = try stage.startLeech(
                shared.path, dir: stage.folder.folder("leech"), ["--peer", "127.0.0.1:\(port)"])
            // It has looked once, and served since.
            let first = try await seeder.waitForEvent("progress") { ($0.uploaded ?? 0) > 0 }
            try await seeder.waitForEvent("progress") { ($0.uploaded ?? 0) > first.uploaded ?? 0 }
            leecher.kill()
            try SweepFile.put(Mutation.marker, at: 3_000_000, in: shared.content)
            try await seeder.waitForEvent("notice", within: .seconds(10)) { $0.code == "content_changed" }
            let verified = try await seeder.waitForEvent("verified") { $0.goodPieces != $0.pieces }
            #expect(verified.goodPieces == (verified.pieces ?? 0) - 1)
        }
    }
}
