import PeerRuntime
import TestSupport
import Testing
import TorrentCore
import TorrentIO

@testable import PeerRuntime

/// A tracker with several addresses, not all of which work.
@Suite struct AddressRaceTests {
    private static func udp(host: String, port: Int, peer: UInt16) throws -> LoopbackDatagrams {
        try LoopbackDatagrams(host: host, port: port) { FakeTracker.datagram($0, peer: peer) }
    }

    /// The tracker at the address that works, which names a peer of port 3.
    private static func third(_ port: Int) throws -> LoopbackServer {
        try FakeTracker.server(host: "127.0.0.3", port: port, FakeTracker.http(FakeTracker.body(3)))
    }

    @Test func aSilentAddressIsPassed() async throws {
        let silent = try SilentPort(port: LoopbackServer.freePort())
        let server = try Self.third(silent.port)
        let stage = try AnnounceStage(["127.0.0.1", "127.0.0.3"])
        #expect(try await stage.peers("http://t.test:\(server.port)/announce") == [3])
    }

    @Test func anAddressThatRefusesIsPassed() async throws {
        let server = try Self.third(LoopbackServer.freePort())
        let stage = try AnnounceStage(["127.0.0.1", "127.0.0.2", "127.0.0.3"])
        #expect(try await stage.peers("http://t.test:\(server.port)/announce") == [3])
    }

    @Test func oneThatTakesTheConnectionAndSaysNothingIsPassed() async throws {
        let mute = try LoopbackServer(port: LoopbackServer.freePort()) { connection in _ = connection.receiveToEnd() }
        let server = try Self.third(mute.port)
        let stage = try AnnounceStage(["127.0.0.1", "127.0.0.3"])
        #expect(try await stage.peers("http://t.test:\(server.port)/announce") == [3])
    }

    @Test func theOneThatWorkedIsAskedFirstNextTime() async throws {
        let second = try Self.third(LoopbackServer.freePort())
        let stage = try AnnounceStage(["127.0.0.1", "127.0.0.3"])
        let url = "http://t.test:\(second.port)/announce"
        #expect(try await stage.peers(url) == [3])
        // The first of the list is there again, and would answer.
        let first = try FakeTracker.server(port: second.port, FakeTracker.http(FakeTracker.body(1)))
        #expect(try await stage.peers(url) == [3])
        // Until that one fails.
        second.stop()
        let isGone = try await eventually(within: .seconds(60)) {
            (try? LoopbackConnection(connectingTo: second.port, host: "127.0.0.3")) == nil
        }
        #expect(isGone)
        #expect(try await stage.peers(url) == [1])
        first.stop()
    }

    @Test func udpToo() async throws {
        // The first takes packets and says nothing, the second refuses, the third answers.
        let silent = try LoopbackDatagrams(port: LoopbackServer.freePort()) { _ in [] }
        let third = try Self.udp(host: "127.0.0.4", port: silent.port, peer: 4)
        let stage = try AnnounceStage(["127.0.0.1", "127.0.0.3", "127.0.0.4"])
        let url = "udp://t.test:\(silent.port)/announce"
        #expect(try await stage.peers(url) == [4])
        let asked = silent.senders.count
        #expect(asked > 0)
        #expect(try await stage.peers(url) == [4])
        #expect(silent.senders.count == asked, "the one that worked is asked first")
        #expect(third.senders.count == 4)
    }

    @Test func whereNobodyAnswersTheReasonIsToldOfOneWhoWasThere() async throws {
        let silent = try SilentPort(port: LoopbackServer.freePort())
        let page = try FakeTracker.server(host: "127.0.0.3", port: silent.port, Array("SSH-2.0-x\r\n".utf8))
        let stage = try AnnounceStage(["127.0.0.1", "127.0.0.3", "127.0.0.5"])
        let reason = try await stage.failure("http://t.test:\(page.port)/announce", within: .milliseconds(400))
        #expect(reason == "an SSH server answers there, not a tracker")
        let alone = try AnnounceStage(["127.0.0.1"])
        let quiet = try await alone.failure("http://t.test:\(silent.port)/announce", within: .milliseconds(50))
        #expect(quiet == "no answer in time")
    }

    @Test(
        arguments: [
            ([], nil, []), (["10.0.0.1"], "10.0.0.9", ["10.0.0.1"]),
            (["::1", "::2", "10.0.0.1", "10.0.0.2"], nil, ["::1", "10.0.0.1", "::2", "10.0.0.2"]),
            (["10.0.0.1", "::1", "::2", "::3"], nil, ["10.0.0.1", "::1", "::2", "::3"]),
            (["::1", "::2", "10.0.0.1"], "::2", ["::2", "::1", "10.0.0.1"]),
        ] as [([String], String?, [String])])
    func familiesAlternate(found: [String], worked: String?, order: [String]) {
        let raced = found.compactMap { IPAddress($0) }.raced(first: worked.flatMap { IPAddress($0) })
        #expect(raced.map(\.description) == order)
    }
}
