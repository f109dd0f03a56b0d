import Testing
import TorrentCore

@testable import PeerRuntime

/// What is said of a peer that the user named.
@Suite struct NamedPeerTests {
    private let first = Endpoint(.anyV4, port: 1)
    private let second = Endpoint(.anyV6, port: 1)

    /// Which of these failures, in order, are news; nil stands for a connection.
    private func news(_ endpoints: [Endpoint], _ failures: [(Endpoint, String)?]) -> [Bool] {
        var peer = NamedPeer(endpoints: endpoints)
        var news: [Bool] = []
        for failure in failures {
            if let (endpoint, why) = failure {
                news.append(peer.failed(at: endpoint, why))
            } else {
                peer.connected()
            }
        }
        return news
    }

    @Test func allOfItsAddressesMustFail() {
        #expect(news([first, second], [(second, "refused"), (first, "refused")]) == [false, true])
        #expect(news([first, second], [(second, "refused"), nil, (first, "refused")]) == [false, false])
    }

    @Test func itIsSaidOnce() {
        let failures: [(Endpoint, String)?] = [(first, "refused"), (first, "refused"), (first, "silent")]
        #expect(news([first], failures) == [true, false, true])
        #expect(news([first], [(first, "refused"), nil, (first, "refused")]) == [true, true])
        #expect(news([first], [(second, "refused")]) == [false])
    }
}
