import TestSupport
import Testing

/// A walk of the field's teaching projects: nodes with names, each with a folder that it gives from and one that it
/// fetches into.
@Suite("Walk: parts from all owners at once")
struct OwnersWalkTests {
    @Test("Two owners give at once, one leaves midway, and the rest comes from the other")
    func walk() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(.mixed(bytes: 900_000), announce: [tracker.announce])
            for owner in ["anna", "ben"] {
                try FileTree.copy(shared.folder, to: stage.folder.folder(owner) + "/up")
            }
            let owners = try ["anna", "ben"].map { name in
                try node(stage, name, ["seed", shared.path, "--dir", "\(name)/up", "--upload-limit", "150K"])
            }
            for owner in owners { try await owner.waitForEvent("seeding") }
            try await tracker.waitForCounts(shared.infoHash, "of both owners") { $0.seeders == 2 }
            let cleo = try node(stage, "cleo", ["get", shared.path, "--dir", "cleo/down"])
            for owner in owners {
                try await owner.waitForEvent("progress", within: .seconds(30)) { ($0.uploaded ?? 0) > 0 }
            }
            let left = try #require(cleo.events.last { $0.event == "progress" }?.left ?? shared.payload.length)
            #expect(left > 0, "it was quicker than the owners could be seen\n\(cleo.log)")
            // Ben leaves: everybody hears of it, and what it had not sent comes from Anna.
            #expect(try await owners[1].interrupt() == .code(130), "\(owners[1].log)")
            try await tracker.waitForCounts(shared.infoHash, "that one has left") { $0.seeders == 1 }
            #expect(try await cleo.waitForExit(within: .seconds(40)) == .code(0), "\(cleo.log)")
            #expect(try shared.differences(in: stage.folder.path("cleo/down")) == [])
            _ = try await owners[0].interrupt()
            let given = owners.map { $0.events.compactMap(\.uploaded).max() ?? 0 }
            #expect(given.allSatisfy { $0 > 0 } && given.reduce(0, +) >= shared.payload.length, "\(given)")
            // The port is free, and what Ben has is as it was.
            #expect(
                try FileTree.differences(stage.folder.path("ben/up/mixed"), from: shared.content, exactly: true) == [])
        }
    }

    /// Each has its name in the folder that is its own.
    private func node(_ stage: Stage, _ name: String, _ command: [String]) throws -> RunningProcess {
        try stage.start(
            Executables.peer, command + ["--identity", "nodes/\(name)", "--listen", "127.0.0.1:0", "--json"], name: name
        )
    }
}
