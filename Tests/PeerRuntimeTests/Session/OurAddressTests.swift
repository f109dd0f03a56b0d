import PeerEvents
import SwarmEngine
import Synchronization
import Testing
import TorrentCore

@testable import PeerRuntime

/// What a session hears, and says, of addresses.
@Suite struct OurAddressTests {
    private final class Listener: OurAddressListener {
        private let said = Mutex<[IPAddress]>([])
        var heard: [IPAddress] { said.withLock { $0 } }
        func theySeeUs(at address: IPAddress) { said.withLock { $0.append(address) } }
    }

    /// Peers say how they see us, and are told how we see them. Where the world sees us, at our port, nobody is looked
    /// for.
    @Test func howWeAreSeenComesFromPeers() throws {
        let stage = try SessionStage(length: 65_536, pieceLength: 32_768)
        let listener = Listener()
        stage.context.shared.ourAddress.join(listener)
        let staged = StagedSession(stage)
        let ours = try #require(IPAddress("98.76.54.32"))
        for _ in 0..<2 {
            let far = try staged.join(.ours)
            var handshake = ExtensionHandshake()
            handshake.yourAddress = ours
            far.sayExtended(0, handshake.encoded)
            try far.burst()
            let body = try #require(far.extended.first { $0.id == 0 }).body
            let theirs = try body.withBytes { span throws(WireError) in try ExtensionHandshake(parsing: span) }
            #expect(theirs.yourAddress == far.address)
        }
        #expect(listener.heard == [ours])
        stage.runIteration()
        let beside = Endpoint(ours, port: 2)
        staged.session.found([Endpoint(ours, port: stage.context.listenPort), beside], from: .tracker, by: nil)
        #expect(staged.session.figures.connecting + staged.session.figures.known == 1)
        staged.stop()
        stage.context.shared.ourAddress.leave(listener)
    }

    /// Who finds no room hears who we are before the connection is closed.
    @Test func whoFindsNoRoomIsGreeted() throws {
        let stage = try SessionStage(length: 65_536, pieceLength: 32_768)
        let staged = StagedSession(stage)
        staged.session.tellBrain(.connectionsLimited(1))
        let first = try staged.join(.ours)
        let second = try staged.join(.ours)
        for far in [first, second] { try far.burst() }
        #expect(!first.isClosed && second.isClosed)
        #expect(second.hasShakenHands && second.extended.isEmpty)
        staged.stop()
    }

    /// Where our own system knows no way to a peer, as from loopback to the world, that is said, and is no fault of the
    /// peer: it is tried again for ever.
    @Test func whereNoWayLeadsIsSaid() throws {
        let stage = try SessionStage(
            length: 65_536, pieceLength: 32_768, listen: Endpoint(.loopbackV4, port: 1))
        let staged = StagedSession(stage)
        let nowhere = try #require(Endpoint("203.0.113.9:1"))
        staged.session.found([nowhere], from: .tracker, by: nil)
        for _ in 0..<20 {
            for _ in 0..<3 { stage.runIteration() }
            #expect(staged.session.brain.swarm.outOfReach == 1)
            #expect(staged.session.standstill(staged.session.figures) == .noWay)
            stage.runIteration(after: .seconds(240))
        }
        staged.stop()
    }

    /// A list of which little is of use is told once, to whoever wants to know.
    @Test func whatIsLeftOutIsSaidOnce() throws {
        let stage = try SessionStage(length: 65_536, pieceLength: 32_768)
        let staged = StagedSession(stage)
        let list = ["127.0.0.1:1", "10.0.0.1:1", "224.0.0.1:1", "8.8.8.8:0"].compactMap { Endpoint($0) }
        staged.session.found(list, from: .tracker, by: IPAddress("9.9.9.9"))
        let notices = staged.notices.filter { $0.code == "peer_addresses" }
        #expect(
            notices.map(\.text) == [
                "4 addresses from the tracker at 9.9.9.9 left out: nobody can be reached there"
            ])
        #expect(notices.map(\.isDetail) == [true])
        staged.stop()
    }
}
