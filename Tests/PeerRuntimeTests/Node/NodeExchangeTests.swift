import PeerEvents
import PeerRuntime
import TestSupport
import Testing
import TorrentCore

/// Nodes tell each other whom they are connected with (BEP 11).
@Suite struct NodeExchangeTests {
    /// Where a node has been connected with somebody.
    private static func partners(of node: TestNode) -> Set<Endpoint> {
        Set(
            node.events.compactMap { event in
                guard case .peer(_, let news) = event, case .connected = news.kind else { return nil }
                return news.endpoint
            })
    }

    /// Two who know only the seeder come to be connected with each other.
    @Test func whoKnowsOneHearsOfTheOther() async throws {
        let stage = try NodeStage(Payload(file: "exchanged", size: 3_000_001, seed: 1))
        let seeder = try TestNode(stage.metainfo, folder: stage.source, role: .seed) { $0.limits.upload = 20_000 }
        seeder.node.start()
        defer { seeder.node.stop() }
        let port = try await seeder.port()
        var leechers: [TestNode] = []
        defer { for leecher in leechers { leecher.node.stop() } }
        for name in ["second", "third"] {
            let leecher = try TestNode(stage.metainfo, folder: stage.home.path(name), role: .leech) { options in
                options.peers = [PeerAddress(host: "127.0.0.1", port: port)]
            }
            leechers.append(leecher)
            leecher.node.start()
        }
        let areTogether = try await eventually(within: .seconds(60)) {
            leechers.allSatisfy { Self.partners(of: $0).count > 1 }
        }
        #expect(areTogether, "\(leechers.map { Self.partners(of: $0) })")
        let ports = [try await leechers[0].port(), try await leechers[1].port()]
        let called = leechers.flatMap { Self.partners(of: $0) }.filter { ports.contains($0.port) }
        #expect(!called.isEmpty)
    }
}
