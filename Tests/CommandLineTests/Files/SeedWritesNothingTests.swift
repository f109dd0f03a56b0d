import TestSupport
import Testing

/// Who seeds serves what is there and fetches nothing; `--overwrite` is good for the run that it was given to.
@Suite("What seed and --overwrite may do")
struct SeedWritesNothingTests {
    private static let payload = Payload(name: "half", files: [("a", 300_000), ("b", 300_000)], seed: 4)

    @Test("A seeder that lacks a file does not fetch it from a leecher that has it")
    func partialSeed() async throws {
        try await withStage { stage in
            let shared = try stage.share(Self.payload)
            let (mine, theirs) = (try stage.folder.folder("mine"), try stage.folder.folder("theirs"))
            try FileTree.write(FileTree.read("\(shared.content)/a"), to: "\(mine)/half/a")
            try FileTree.write(FileTree.read("\(shared.content)/b"), to: "\(theirs)/half/b")
            let whole = try stage.startSeed(shared.path, dir: shared.folder)
            let port = try await whole.listeningPort()
            let seeder = try stage.startSeed(shared.path, dir: mine)
            let other = try await seeder.listeningPort()
            let leecher = try stage.startLeech(
                shared.path, dir: theirs, ["--peer", "127.0.0.1:\(other)", "--peer", "127.0.0.1:\(port)"])
            try await leecher.waitForEvent("complete")
            try await seeder.waitForEvent("progress") { ($0.uploaded ?? 0) > 0 }
            #expect(try await seeder.interrupt() == .code(130))
            #expect(seeder.events.last { $0.event == "stopped" }?.downloaded == 0)
            #expect(!FileTree.exists("\(mine)/half/b"))
        }
    }

    @Test("A later run without --overwrite does not overwrite")
    func overwriteIsNotRemembered() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 300_000))
            let target = try stage.folder.folder("leech")
            let mine = [UInt8](repeating: 7, count: 300_000)
            try FileTree.write(mine, to: "\(target)/film")
            let first = try stage.startLeech(shared.path, dir: target, ["--overwrite"])
            try await first.waitForEvent("verified")
            #expect(try await first.interrupt() == .code(7))
            #expect(try FileTree.read("\(target)/film") == mine)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let port = try await seeder.listeningPort()
            let second = try stage.startLeech(shared.path, dir: target, ["--peer", "127.0.0.1:\(port)", "-e"])
            #expect(try await second.waitForExit(within: .seconds(20)) == .code(5))
            #expect(try FileTree.read("\(target)/film") == mine)
        }
    }
}
