import Foundation
import TestSupport
import Testing

/// Two of our processes never write to one torrent in one folder at once, nor does one serve what another writes.
@Suite("Two processes at one download")
struct TwoProcessesTests {
    private static func stage(_ stage: Stage) throws -> HalfwayStage {
        try HalfwayStage(
            stage, SweepShape.single.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
    }

    /// What the second process was told.
    private static func expectRefusal(_ process: RunningProcess) async throws {
        #expect(try await process.waitForExit(within: .seconds(10)) == .code(5), "\(process.log)")
        let message = process.events.first { $0.event == "error" }?.message ?? ""
        #expect(message.contains("another p2p-peer"), "\(process.log)")
    }

    @Test("A second download of it is refused, and the first goes on", arguments: ["leech", "seed"])
    func besideLeech(role: String) async throws {
        try await withStage { stage in
            let half = try Self.stage(stage)
            let first = try half.startLeech("-e")
            try await half.waitUntilHalf(first)
            try await Self.expectRefusal(stage.startPeer(role, [half.shared.path], dir: half.dir, half.sender.options))
            half.sender.open()
            #expect(try await first.waitForExit(within: .seconds(30)) == .code(0), "\(first.log)")
            #expect(try half.truth().isWhole)
        }
    }

    @Test("The same folder by another name is the same folder")
    func anotherName() async throws {
        try await withStage { stage in
            let half = try Self.stage(stage)
            let first = try half.startLeech("-e")
            try await half.waitUntilHalf(first)
            let other = stage.folder.path("alias")
            try SweepFile.check(symlink(half.dir, other), "symlink")
            try await Self.expectRefusal(stage.startLeech(half.shared.path, dir: other))
            try await Self.expectRefusal(stage.startLeech(half.shared.path, dir: "leech/../leech"))
        }
    }

    @Test("What is being seeded is not downloaded to")
    func besideSeed() async throws {
        try await withStage { stage in
            let half = try Self.stage(stage)
            try half.writeHalfDone()
            let seeder = try stage.startSeed(half.shared.path, dir: half.dir)
            try await seeder.waitForEvent("seeding")
            try await Self.expectRefusal(half.startLeech("-e"))
            #expect(seeder.status == nil)
        }
    }

    @Test("Several may seed")
    func severalSeeds() async throws {
        try await withStage { stage in
            let half = try Self.stage(stage)
            try half.writeWhole()
            for _ in 0..<3 {
                try await stage.startSeed(half.shared.path, dir: half.dir).waitForEvent("seeding")
            }
        }
    }

    @Test("Other torrents, and other folders, are nobody's business")
    func others() async throws {
        try await withStage { stage in
            let half = try Self.stage(stage)
            let first = try half.startLeech()
            try await first.waitForEvent("verified")
            let elsewhere = try stage.startLeech(half.shared.path, dir: stage.folder.folder("elsewhere"))
            try await elsewhere.waitForEvent("verified")
            let payload = Payload(file: "another", size: 50_000, seed: 4)
            let other = try stage.share(payload)
            try await stage.startLeech(other.path, dir: half.dir).waitForEvent("verified")
        }
    }

    @Test("Who was killed, or has ended, keeps nobody out", arguments: [false, true])
    func afterTheEnd(killed: Bool) async throws {
        try await withStage { stage in
            let half = try Self.stage(stage)
            let first = try half.startLeech()
            try await half.waitUntilHalf(first)
            if killed { first.kill() } else { _ = try await first.interrupt() }
            let second = try await half.finish()
            #expect(second.status == .code(0), "\(second.log)")
            #expect(try half.truth().isWhole)
        }
    }
}
