import Glibc
import PeerEvents
import Synchronization
import Testing
import TorrentCore

@testable import PeerRuntime
@testable import TorrentIO

/// What is said of a peer that the user named.
@Suite struct NamedPeerTests {
    private let first = Endpoint(.anyV4, port: 1)
    private let second = Endpoint(.anyV6, port: 1)

    /// Which of these failures, in order, are news; nil stands for a connection that lasted.
    private func news(_ endpoints: [Endpoint], _ failures: [(Endpoint, String)?]) -> [Bool] {
        var peer = UserNamedPeer(endpoints: endpoints)
        var news: [Bool] = []
        for failure in failures {
            if let (endpoint, why) = failure {
                news.append(peer.failed(at: endpoint, why))
            } else {
                peer.stayed()
            }
        }
        return news
    }

    @Test func allOfItsAddressesMustFail() {
        #expect(news([first, second], [(second, "refused"), (first, "refused")]) == [false, true])
        #expect(news([first, second], [(second, "refused"), nil, (first, "refused")]) == [false, false])
    }

    /// Each of its addresses fails for a reason of its own, again and again.
    @Test func eachReasonIsSaidOnce() {
        let failures: [(Endpoint, String)?] = [
            (first, "refused"), (second, "hung up"), (first, "refused"), (second, "hung up"),
        ]
        #expect(news([first, second], failures) == [false, true, true, false])
    }

    @Test func itIsSaidOnce() {
        let failures: [(Endpoint, String)?] = [(first, "refused"), (first, "refused"), (first, "silent")]
        #expect(news([first], failures) == [true, false, true])
        #expect(news([first], [(first, "refused"), nil, (first, "refused")]) == [true, true])
        #expect(news([first], [(second, "refused")]) == [false])
    }

    /// A connection that does not last makes nothing news again; while there is one, nobody is missing.
    @Test func aShortConnectionIsNoBeginning() {
        var peer = UserNamedPeer(endpoints: [first, second])
        var news = [peer.failed(at: second, "refused")]
        for _ in 0..<2 {
            peer.connected(at: first)
            news.append(peer.failed(at: second, "refused"))
            news.append(peer.failed(at: first, "hung up"))
        }
        #expect(news == [false, false, true, false, false])
        // It ends in two ways by turns: two things to say, not one each time.
        #expect(self.news([first], ["broke", "hung up", "broke"].map { (first, $0) }) == [true, true, false])
    }

    /// A name that nobody knows yet may be known later: it is looked up again and again, which is said once.
    @Test func aNameIsLookedUpAgain() throws {
        let lookups = Mutex(0)
        let stage = try SessionStage(
            length: 65_536, pieceLength: 65_536, peers: [PeerAddress(host: "later.example", port: 9)],
            resolver: Resolver(lookup: { _ in
                let isLate = lookups.withLock { count in
                    count += 1
                    return count > 3
                }
                return isLate ? .success([.loopbackV4]) : .failure(.notFound("nobody knows it"))
            }))
        let staged = StagedSession(stage)
        defer { staged.stop() }
        for _ in 0..<2_000 where staged.session.neighbours.named.isEmpty {
            stage.runIteration(after: .milliseconds(500))
            usleep(1_000)
        }
        #expect(staged.session.neighbours.named.map(\.endpoints) == [[Endpoint(.loopbackV4, port: 9)]])
        #expect(staged.notices.count { $0.code == "peer_unknown" && !$0.isDetail } == 1)
        #expect(lookups.withLock(\.self) == 4)
    }
}
