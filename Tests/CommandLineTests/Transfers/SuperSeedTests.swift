import Foundation
import TestSupport
import Testing

/// `seed --super-seed`, as a user starts it.
@Suite("Super seeding")
struct SuperSeedTests {
    @Test("One copy goes out to three leechers, and it says when there is another seed")
    func threeLeechers() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(Payload(file: "film", size: 4 << 20), announce: [tracker.announce])
            let seeder = try stage.startSeed(
                shared.path, dir: shared.folder, ["--super-seed", "--upload-limit", "1M", "-v"])
            let begun = try await seeder.waitForEvent("notice") { $0.code == "super_seeding" }
            #expect(begun.message?.hasPrefix("super-seeding: ") == true)
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            let folders = try (1...3).map { try stage.folder.folder("leech\($0)") }
            let leechers = try folders.map { try stage.startLeech(shared.path, dir: $0) }
            let some = try await seeder.waitForEvent("progress", within: .seconds(30)) { ($0.copiesOut ?? 0) > 0 }
            #expect(some.state == "seeding")
            for leecher in leechers { try await leecher.waitForEvent("complete", within: .seconds(40)) }
            for folder in folders { #expect(try shared.differences(in: folder) == []) }
            let ended = try await seeder.waitForEvent("notice") {
                $0.code == "super_seeding" && $0.message?.hasPrefix("another seed") == true
            }
            #expect(ended.infohash == shared.infoHash)
            try await seeder.waitForEvent("progress") { $0.copiesOut == nil && $0.uploaded ?? 0 > 0 }
            let end = try await seeder.interrupt()
            #expect(end == .code(130))
            let sent = seeder.events.last { $0.event == "stopped" }?.uploaded ?? 0
            #expect(sent >= 4 << 20 && sent < 6 << 20, "\(sent)")
        }
    }

    @Test("What is not all there is seeded as usual, and that is said")
    func notComplete() async throws {
        try await withStage { stage in
            let payload = Payload(name: "set", files: [("one", 100_000), ("two", 100_000)])
            let shared = try stage.share(payload)
            try FileManager.default.removeItem(atPath: "\(shared.folder)/set/two")
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--super-seed"])
            let notice = try await seeder.waitForEvent("notice") { $0.code == "super_seeding" }
            #expect(notice.message?.hasPrefix("not super-seeded: ") == true)
        }
    }

    @Test("Whoever fetches is not the only one who has it", arguments: ["leech", "get"])
    func leech(command: String) async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000))
            let leecher = try stage.startPeer(command, [shared.path], dir: stage.folder.path, ["--super-seed"])
            #expect(try await leecher.waitForExit(within: .seconds(20)) == .code(2))
            #expect(leecher.log.contains("--super-seed is for seed"))
        }
    }
}
