import Foundation
import Glibc
import TestSupport
import Testing

/// A walk of the field's teaching projects: a peer with a folder of its own, named after its id.
@Suite("Walk: a peer that is itself again")
struct IdentityWalkTests {
    @Test("Stopped midway and started again it has its id, its port and its data, and goes on")
    func walk() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(.mixed(bytes: 600_000), announce: [tracker.announce])
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--upload-limit", "150K"])
            try await seeder.waitForEvent("seeding")

            let player = try start(stage, "player", ["leech", shared.path])
            let first = try await player.waitForEvent("identity")
            let id = try #require(first.id)
            #expect(first.path == "player/\(id)" && id.utf8.count == 20)
            let port = try await player.listeningPort()
            try await player.waitForEvent("progress", within: .seconds(30)) { ($0.downloaded ?? 0) >= 150_000 }
            #expect(try await player.interrupt() == .code(7), "\(player.log)")
            #expect(FileTree.files(below: stage.folder.path("player/\(id)")).contains("config"))
            seeder.signal(SIGINT)
            _ = try await seeder.waitForExit(within: .seconds(10))
            let quick = try stage.startSeed(shared.path, dir: shared.folder)
            try await quick.waitForEvent("seeding")

            // By the folder that holds it, or by its own.
            for folder in ["player", "player/\(id)"] {
                let again = try start(stage, folder, ["get", shared.path])
                #expect(try await again.waitForEvent("identity").id == id)
                #expect(try await again.listeningPort() == port)
                let verified = try await again.waitForEvent("verified")
                #expect(verified.fromResume == true && (verified.goodBytes ?? 0) > 0, "\(again.log)")
                #expect(try await again.waitForExit(within: .seconds(30)) == .code(0), "\(again.log)")
            }
            #expect(try shared.differences(in: stage.folder.path("player/\(id)/data")) == [])
            let records = FileTree.files(below: stage.folder.path("player/\(id)/state"))
            #expect(records.contains { $0.hasPrefix(shared.infoHash) }, "the records of such a peer are its own")
        }
    }

    @Test("Several peers live on one machine, each once; a port that is taken gives way to another, which is kept")
    func several() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 40_000))
            let names = ["a", "b"]
            let peers = try names.map {
                try start(stage, "peers/\($0)", ["seed", shared.path, "--dir", shared.folder])
            }
            var ids: [String] = []
            for peer in peers { ids.append(try #require(try await peer.waitForEvent("identity").id)) }
            for peer in peers { try await peer.waitForEvent("seeding") }
            #expect(Set(ids).count == 2)
            let twin = try start(stage, "peers/a", ["seed", shared.path, "--dir", shared.folder])
            #expect(try await twin.waitForExit(within: .seconds(10)) == .code(5))
            #expect(twin.errorLines.contains { $0.contains("another process is the peer in peers/a") }, "\(twin.log)")

            let port = try await peers[0].listeningPort()
            for peer in peers { _ = try await peer.interrupt() }
            let guest = try LoopbackServer(port: port) { _ in }
            let moved = try start(stage, "peers/a", ["seed", shared.path, "--dir", shared.folder])
            let other = try await moved.listeningPort()
            #expect(other != guest.port)
            #expect(moved.errorLines.contains { $0.contains("port \(port) of this peer is taken") }, "\(moved.log)")
            _ = try await moved.interrupt()
            let kept = try start(stage, "peers/a", ["seed", shared.path, "--dir", shared.folder])
            #expect(try await kept.listeningPort() == other)
            withExtendedLifetime(guest) {}
        }
    }

    @Test("Its settings are its own, and come before those of all")
    func settings() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 40_000))
            let made = try start(stage, "me", ["seed", shared.path, "--dir", shared.folder])
            let id = try #require(try await made.waitForEvent("identity").id)
            try await made.waitForEvent("seeding")
            _ = try await made.interrupt()
            let config = stage.folder.path("me/\(id)/config")
            try FileTree.write(Array("[seed]\ndir = \(shared.folder)\nseed-time = 1s\n".utf8), to: config)
            try FileTree.write(Array("dir = /nowhere\n".utf8), to: stage.folder.path("all"))
            let again = try stage.start(
                Executables.peer,
                ["seed", shared.path, "--identity", "me", "--listen", "127.0.0.1:0", "--json"],
                environment: ["P2P_CONFIG": "all"])
            #expect(try await again.waitForExit(within: .seconds(20)) == .code(0), "\(again.log)")
            try FileTree.write(Array("[seed]\nnonsense = 1\n".utf8), to: config)
            let wrong = try start(stage, "me", ["seed", shared.path])
            #expect(try await wrong.waitForExit(within: .seconds(10)) == .code(2))
            #expect(wrong.errorLines.first?.contains("me/\(id)/config, line 2") == true, "\(wrong.log)")
        }
    }

    @Test("A folder with something else in it is refused, and stays as it is")
    func foreign() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 40_000))
            let before = FileTree.files(below: shared.folder)
            let peer = try start(stage, shared.folder, ["seed", shared.path])
            #expect(try await peer.waitForExit(within: .seconds(10)) == .code(5), "\(peer.log)")
            #expect(peer.errorLines.first?.contains("holds something else, and no peer") == true, "\(peer.log)")
            #expect(FileTree.files(below: shared.folder) == before)
        }
    }

    private func start(_ stage: Stage, _ folder: String, _ command: [String]) throws -> RunningProcess {
        try stage.start(
            Executables.peer, command + ["--identity", folder, "--listen", "127.0.0.1:0", "--json"],
            name: "\(command[0]) as \(folder)")
    }
}
