import Glibc
import TestSupport
import Testing

/// Peers of one machine find each other on loopback, where nothing leaves it (BEP 14).
@Suite struct LocalNetworkTests {
    private static let looksAround = ["P2P_NO_LSD": "no"]

    @Test("Two processes of one machine find each other by a link alone, unless one looks for nobody")
    func twoProcesses() async throws {
        try await withStage { stage in
            // Of its own, so that those of other tests are other torrents.
            let shared = try stage.share(Payload(file: "near", size: 300_000, seed: UInt64(getpid())))
            let link = "magnet:?xt=urn:btih:\(shared.infoHash)"
            let deaf = try stage.startPeer(
                "leech", [link], dir: try stage.folder.folder("deaf"), ["--no-lsd"], environment: Self.looksAround)
            try await deaf.waitForEvent("notice") { $0.code == "nobody_to_ask" }
            let seeder = try stage.startPeer(
                "seed", [shared.path], dir: shared.folder, [], environment: Self.looksAround)
            try await seeder.waitForEvent("seeding")
            let leecher = try stage.startPeer(
                "leech", [link], dir: try stage.folder.folder("got"), ["-e", "-v"], environment: Self.looksAround)
            #expect(try await leecher.waitForExit(within: .seconds(20)) == .code(0), "\(leecher.log)")
            #expect(try shared.differences(in: stage.folder.path("got")) == [])
            // Whoever heard the other first has called it.
            let met = (leecher.events + seeder.events).filter { $0.state == "connected" }
            #expect(met.contains { $0.source == "lan" }, "\(met)")
            #expect(!leecher.events.contains { $0.code == "nobody_to_ask" })
            #expect(!deaf.events.contains { $0.event == "peer" })
        }
    }

    @Test("What a link leaves out is got from the machine's own peers, too")
    func shown() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "near", size: 100_000, seed: 1 + UInt64(getpid())))
            let seeder = try stage.startPeer(
                "seed", [shared.path], dir: shared.folder, [], environment: Self.looksAround)
            try await seeder.waitForEvent("seeding")
            let shown = try await stage.peer(
                "show", "magnet:?xt=urn:btih:\(shared.infoHash)", "--fetch", "--listen", "127.0.0.1:0", "--json",
                environment: Self.looksAround)
            #expect(shown.status == .code(0), "\(shown.log)")
            #expect(shown.lines.contains { $0.contains("\"name\":\"near\"") }, "\(shown.log)")
        }
    }
}
