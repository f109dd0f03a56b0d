import TestSupport
import Testing

/// Peers that lie or speak nonsense cost a connection, never the download.
@Suite("Bad peers")
struct BadPeerTests {
    @Test("A seeder survives every kind of nonsense and goes on serving")
    func nonsenseToSeeder() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 80_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            let port = try await seeder.listeningPort()
            let openings: [[UInt8]] =
                [
                    [], [0], Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), [UInt8](repeating: 0xff, count: 10_000),
                    ScriptedPeer.handshake(String(repeating: "00", count: 20)),
                    Array(ScriptedPeer.handshake(shared.infoHash).prefix(40)),
                ] + ScriptedPeer.nonsense.map { ScriptedPeer.handshake(shared.infoHash) + $0.bytes }
            for bytes in openings { try LoopbackConnection(connectingTo: port).send(bytes) }
            try await fetch(stage, shared, from: [port], into: "leech")
            #expect(seeder.status == nil, "\(seeder.log)")
        }
    }

    @Test("A leecher survives nonsense from a peer that it was told of")
    func nonsenseToLeecher() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 80_000))
            let fakes = try ScriptedPeer.nonsense.map { nonsense in
                try LoopbackServer { connection in
                    _ = connection.receiveExactly(68)
                    connection.send(ScriptedPeer.handshake(shared.infoHash) + nonsense.bytes)
                    while !connection.receive().isEmpty {}
                }
            }
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let port = try await seeder.listeningPort()
            try await fetch(stage, shared, from: fakes.map(\.port) + [port], into: "leech")
        }
    }

    @Test("A peer that sends wrong bytes is found out, and the file is right in the end")
    func liar() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 300_000))
            let pieces = (shared.payload.length + (32 << 10) - 1) / (32 << 10)
            let liar = try LoopbackServer { ScriptedPeer.lie($0, shared.infoHash, pieces: pieces) }
            let target = try stage.folder.folder("leech")
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--upload-limit", "400K"])
            let port = try await seeder.listeningPort()
            let leecher = try stage.startLeech(
                shared.path, dir: target,
                ["--peer", "127.0.0.1:\(liar.port)", "--peer", "127.0.0.1:\(port)"])
            try await leecher.waitForEvent("complete", within: .seconds(60))
            #expect(try shared.differences(in: target) == [])
        }
    }

    @Test("A liar alone never makes a download complete, nor a verified piece")
    func liarAlone() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 100_000))
            let liar = try LoopbackServer { ScriptedPeer.lie($0, shared.infoHash, pieces: 4) }
            let target = try stage.folder.folder("leech")
            let leecher = try stage.startLeech(shared.path, dir: target, ["--peer", "127.0.0.1:\(liar.port)"])
            try await leecher.waitForEvent("progress") { ($0.downloaded ?? 0) > 0 }
            #expect(try await leecher.interrupt() == .code(7))
            #expect(!leecher.events.contains { $0.event == "complete" })
            #expect(leecher.events.filter { $0.event == "progress" }.allSatisfy { $0.left == shared.payload.length })

            let again = try await stage.peer("verify", shared.path, "--dir", target)
            #expect(again.status == .code(6))
        }
    }

    private func fetch(_ stage: Stage, _ shared: SharedTorrent, from ports: [Int], into name: String) async throws {
        let target = try stage.folder.folder(name)
        let leecher = try stage.startLeech(
            shared.path, dir: target, ports.flatMap { ["--peer", "127.0.0.1:\($0)"] } + ["-e"])
        #expect(try await leecher.waitForExit(within: .seconds(40)) == .code(0))
        #expect(try shared.differences(in: target) == [])
    }
}
