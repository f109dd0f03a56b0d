import Glibc
import PeerEvents
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

/// Where a node takes connections, and what it says when it cannot.
@Suite struct ListeningTests {
    @Test func aListenerThatFailsIsTold() async throws {
        let stage = try await LiveStage()
        let node = stage.leecher.node
        let listener = try #require(node.sockets.listeners.first)
        #expect(shutdown(listener.descriptor.number, Int32(SHUT_RDWR)) == 0)
        let failure = try await stage.leecher.wait("failure") { event in
            if case .failed(nil, let failure) = event { failure } else { nil }
        }
        #expect(failure.kind == .network && failure.message.contains("\(listener.endpoint)"))
        // It goes on without.
        let share = try stage.share("beyond", bytes: 100_000)
        try stage.fetch(share)
        try await stage.waitUntilComplete(share)
        stage.stop()
        #expect(await node.outcome { $0.waitUntilDone() }.failures == [failure])
    }

    /// Whoever connects and says nothing has to make room.
    @Test func silentStrangersKeepNobodyOut() async throws {
        let stage = try await LiveStage()
        defer { stage.stop() }
        let share = try stage.share("open", bytes: 100_000)
        try await stage.seeder.wait("seeding") { if case .seeding(share.infoHash, _, _, _) = $0 { () } else { nil } }
        let port = Int(try await stage.seeder.port())
        let silent = try (0..<200).map { _ in try LoopbackConnection(connectingTo: port) }
        let peer = try LoopbackConnection(connectingTo: port)
        var generator = SplitMix64(seed: 1)
        var hello: [UInt8] = []
        Handshake(infoHash: share.infoHash, peerID: .random(using: &generator)).append(to: &hello)
        peer.send(hello)
        #expect(peer.receiveExactly(hello.count)?.prefix(20) == hello.prefix(20))
        withExtendedLifetime(silent) {}
    }

    @Test func aPortThatIsTakenOnIPv6AloneIsSaid() throws {
        // On a machine without IPv6 there is nothing to be said.
        guard let taken = try? TCPListener(Endpoint(.anyV6, port: 0)) else { return }
        let listening = try ListeningSockets(at: Endpoint(.anyV4, port: taken.endpoint.port))
        #expect(listening.endpoints == [Endpoint(.anyV4, port: taken.endpoint.port)])
        let notice = try #require(listening.missing)
        #expect(notice.code == "listen_failed" && notice.text.contains("\(taken.endpoint)") && !notice.isDetail)
    }

    @Test func bothFamiliesNeedNoWords() throws {
        let listening = try ListeningSockets(at: Endpoint(.anyV4, port: 0))
        #expect(listening.missing == nil)
        #expect(listening.port != 0)
    }
}
