import TestSupport
import Testing

/// A download that was stopped, or killed, goes on where it was.
@Suite("Stop and resume")
struct ResumeTests {
    private static let payload = Payload(
        name: "resumed", files: [("a", 1_500_000), ("b", 0), ("c/d", 2_100_001)], seed: 3)

    @Test("After Ctrl-C a download goes on and fetches only what is missing")
    func interrupted() async throws {
        try await withStage { stage in
            let shared = try stage.share(Self.payload)
            let port = try await Self.slowSeeder(stage, shared)
            let target = try stage.folder.folder("leech")
            let options = ["--peer", "127.0.0.1:\(port)", "-e"]

            let first = try stage.startLeech(shared.path, dir: target, options)
            try await first.waitForEvent("progress") { ($0.left ?? .max) < shared.payload.length * 3 / 4 }
            #expect(try await first.interrupt() == .code(7))
            let stopped = try #require(first.events.last { $0.event == "stopped" })
            #expect((stopped.downloaded ?? 0) >= shared.payload.length / 4)

            let second = try stage.startLeech(shared.path, dir: target, options)
            let verified = try await second.waitForEvent("verified")
            #expect(verified.fromResume == true)
            let kept = verified.goodBytes ?? 0
            #expect(kept >= shared.payload.length / 4)
            #expect(try await second.waitForExit(within: .seconds(40)) == .code(0))
            let total = try #require(second.events.last { $0.event == "stopped" }?.downloaded)
            #expect(total == shared.payload.length - kept)
            #expect(try shared.differences(in: target) == [])
        }
    }

    @Test("After kill -9 nothing that was verified and flushed is fetched again")
    func killed() async throws {
        try await withStage { stage in
            let shared = try stage.share(Self.payload)
            let port = try await Self.slowSeeder(stage, shared)
            let target = try stage.folder.folder("leech")
            let options = ["--peer", "127.0.0.1:\(port)", "-e"]

            let first = try stage.startLeech(shared.path, dir: target, options)
            let progress = try await first.waitForEvent("progress") {
                ($0.left ?? .max) < shared.payload.length * 4 / 5
            }
            let left = try #require(progress.left)
            // The flush window is two seconds: what was verified before it is safe from here on.
            try await Task.sleep(for: .milliseconds(2_300))
            #expect(first.status == nil)
            first.kill()

            let second = try stage.startLeech(shared.path, dir: target, options)
            let verified = try await second.waitForEvent("verified")
            #expect((verified.goodBytes ?? 0) >= shared.payload.length - left)
            #expect(try await second.waitForExit(within: .seconds(40)) == .code(0))
            let fetched = try #require(second.events.last { $0.event == "stopped" }?.downloaded)
            #expect(fetched <= left)
            #expect(fetched == shared.payload.length - (verified.goodBytes ?? 0))
            #expect(try shared.differences(in: target) == [])
        }
    }

    @Test("A resume record is not believed when a file has changed since")
    func changedFile() async throws {
        try await withStage { stage in
            let shared = try stage.share(Self.payload)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let port = try await seeder.listeningPort()
            let target = try stage.folder.folder("leech")
            let options = ["--peer", "127.0.0.1:\(port)", "-e", "--overwrite"]
            let first = try stage.startLeech(shared.path, dir: target, options)
            #expect(try await first.waitForExit(within: .seconds(30)) == .code(0))

            var bytes = try FileTree.read("\(target)/resumed/a")
            bytes[70_000] ^= 0xff
            try FileTree.write(bytes, to: "\(target)/resumed/a")
            let second = try stage.startLeech(shared.path, dir: target, options)
            let verified = try await second.waitForEvent("verified")
            #expect(verified.fromResume == false)
            #expect(verified.goodPieces == (verified.pieces ?? 0) - 1)
            #expect(try await second.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
        }
    }

    /// Slow enough that a download can be stopped half-way.
    private static func slowSeeder(_ stage: Stage, _ shared: SharedTorrent) async throws -> Int {
        let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--upload-limit", "700K"])
        try await seeder.waitForEvent("seeding")
        return try await seeder.listeningPort()
    }
}
