import Synchronization
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

/// On loopback alone, where several nodes of one machine hear each other as on a network.
@Suite struct LocalDiscoveryTests {
    private final class Member: LocalDiscoveryMember {
        private let peers = Mutex<[Endpoint]>([])
        var heard: [Endpoint] { peers.withLock(\.self) }
        func heardNearby(_ peer: Endpoint) { peers.withLock { $0.append(peer) } }
    }

    private final class Node: Sendable {
        let reactor: Reactor
        let discovery: LocalDiscovery
        let port: UInt16

        init(port: UInt16, seed: UInt64) throws {
            reactor = try Reactor(name: "p2p.test.local")
            self.port = port
            var generator = SplitMix64(seed: seed)
            discovery = LocalDiscovery(
                reactor: reactor, port: port, source: .loopbackV4, using: &generator, onTrouble: { _ in })
            reactor.start()
        }

        deinit { reactor.stop() }

        var place: Endpoint { Endpoint(.loopbackV4, port: port) }

        /// As of now, after all that was told to its reactor before.
        func counts() async -> LocalDiscovery.Counts {
            await withCheckedContinuation { done in
                reactor.perform { [discovery] in done.resume(returning: discovery.counts) }
            }
        }

        func take(_ text: String, from sender: Endpoint) {
            reactor.perform { [discovery] in
                Array(text.utf8).withBytes { discovery.take($0, from: sender) }
            }
        }
    }

    private static func torrent() -> InfoHash {
        InfoHash(Bytes20(high: .random(in: 0...(.max)), middle: .random(in: 0...(.max)), low: 1))
    }

    @Test func `two nodes of one machine hear each other and not themselves`() async throws {
        let torrent = Self.torrent()
        let nodes = [try Node(port: 4_001, seed: 1), try Node(port: 4_002, seed: 2)]
        let members = nodes.map { _ in Member() }
        for (node, member) in zip(nodes, members) { node.discovery.join(torrent, member) }
        let haveHeard = try await eventually(within: .seconds(20)) { members.allSatisfy { !$0.heard.isEmpty } }
        #expect(haveHeard)
        // On a busy machine a minute may have gone by, and it has been said again.
        #expect(Set(members[0].heard) == [nodes[1].place] && Set(members[1].heard) == [nodes[0].place])
        #expect(await nodes[0].counts().own >= 1)
    }

    @Test func `another torrent is none of ours, and neither is one that has left`() async throws {
        let (torrent, other) = (Self.torrent(), Self.torrent())
        let nodes = [try Node(port: 4_003, seed: 3), try Node(port: 4_004, seed: 4)]
        let (member, left, stays) = (Member(), Member(), Member())
        nodes[0].discovery.join(other, member)
        nodes[0].discovery.join(torrent, left)
        nodes[0].discovery.leave(torrent, left)
        // One of the same name that has joined since is not put out by that.
        nodes[0].discovery.join(torrent, stays)
        nodes[0].discovery.leave(torrent, left)
        let speaker = Member()
        nodes[1].discovery.join(torrent, speaker)
        #expect(try await eventually(within: .seconds(20)) { !stays.heard.isEmpty })
        #expect(Set(stays.heard) == [nodes[1].place] && left.heard.isEmpty && member.heard.isEmpty)
    }

    @Test func `what comes from beyond the link, or is none, is counted and heard by nobody`() async throws {
        let torrent = Self.torrent()
        let node = try Node(port: 4_005, seed: 5)
        let member = Member()
        node.discovery.join(torrent, member)
        func announce(_ infoHash: InfoHash) -> String {
            "BT-SEARCH * HTTP/1.1\r\nPort: 5005\r\nInfohash: \(infoHash)\r\n\r\n\r\n"
        }
        node.take(announce(torrent), from: Endpoint(.v4(0x0808_0808), port: 6_771))
        node.take(announce(torrent), from: try #require(Endpoint("[2001:db8::1]:6771")))
        node.take(announce(torrent), from: try #require(Endpoint("[fe80::1]:6771")))
        node.take("hello", from: Endpoint(.loopbackV4, port: 6_771))
        node.take(announce(torrent), from: Endpoint(.loopbackV4, port: 1))
        for _ in 0..<100 { node.take(announce(torrent), from: Endpoint(.loopbackV4, port: 1)) }
        let counts = await node.counts()
        #expect(counts.fromBeyond == 2 && counts.withoutWay == 1 && counts.malformed == 1)
        #expect(counts.tooMany > 30)
        #expect(member.heard == [Endpoint(.loopbackV4, port: 5_005)])
    }
}
