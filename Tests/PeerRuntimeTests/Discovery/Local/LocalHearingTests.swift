import Testing
import TorrentCore

@testable import PeerRuntime

@Suite struct LocalHearingTests {
    /// Expectations cannot change a value.
    private final class Ear {
        private var hearing = LocalHearing()
        var remembered: Int { hearing.remembered }
        func listens(to sender: IPAddress, at now: Moment) -> Bool { hearing.listens(to: sender, at: now) }
        func hears(_ peer: Endpoint, of infoHash: InfoHash, at now: Moment) -> Bool {
            hearing.hears(peer, of: infoHash, at: now)
        }
        func forget(_ infoHash: InfoHash) { hearing.forget(infoHash) }
    }

    private static let torrent = InfoHash(Bytes20(high: 1, middle: 2, low: 3))

    private static func address(_ number: Int) -> IPAddress { .v4(0xC0A8_0000 + UInt32(number)) }

    private static func peer(_ number: Int, port: Int = 6_881) -> Endpoint {
        Endpoint(address(number), port: UInt16(port))
    }

    @Test func `who speaks without end is heard a few times a second, and others as before`() {
        let hearing = Ear()
        var heard = 0
        for step in 0..<10_000 {
            if hearing.listens(to: Self.address(1), at: .zero + .milliseconds(step)) { heard += 1 }
        }
        #expect((95...101).contains(heard), "60 at once, and 4 a second: \(heard)")
        #expect(hearing.listens(to: Self.address(2), at: .zero + .seconds(10)))
    }

    @Test func `a thousand torrents named one a packet are heard in their five minutes`() {
        let hearing = Ear()
        let heard = (0..<1_000).filter { hearing.listens(to: Self.address(1), at: .zero + .milliseconds(300 * $0)) }
        #expect(heard.count == 1_000)
    }

    @Test func `addresses without end are counted to a limit, and those that are silent make room`() {
        let hearing = Ear()
        for number in 0..<LocalHearing.mostSources { #expect(hearing.listens(to: Self.address(number), at: .zero)) }
        #expect(!hearing.listens(to: Self.address(9_999), at: .zero))
        #expect(hearing.listens(to: Self.address(7), at: .zero), "who was there is heard still")
        #expect(hearing.listens(to: Self.address(9_999), at: .zero + .seconds(1)))
    }

    @Test func `a peer is told once a minute`() {
        let hearing = Ear()
        #expect(hearing.hears(Self.peer(1), of: Self.torrent, at: .zero))
        #expect(!hearing.hears(Self.peer(1), of: Self.torrent, at: .zero + .seconds(59)))
        #expect(hearing.hears(Self.peer(1), of: Self.torrent, at: .zero + .seconds(60)))
        #expect(!hearing.hears(Self.peer(1), of: Self.torrent, at: .zero + .seconds(61)))
        #expect(hearing.hears(Self.peer(2), of: Self.torrent, at: .zero + .seconds(61)))
        #expect(hearing.remembered == 2)
    }

    @Test func `one address has room for some ports, a torrent for some peers, all of them for no more than that`() {
        let hearing = Ear()
        let ports = (1...100).filter { hearing.hears(Self.peer(1, port: $0), of: Self.torrent, at: .zero) }
        #expect(ports.count == LocalHearing.mostPeersAtOneAddress)
        for number in 2..<1_000 { _ = hearing.hears(Self.peer(number), of: Self.torrent, at: .zero) }
        #expect(hearing.remembered == LocalHearing.mostPeers)
        for number in 1..<200 {
            let torrent = InfoHash(Bytes20(high: UInt64(number), middle: 9, low: 9))
            for peer in 0..<200 { _ = hearing.hears(Self.peer(peer), of: torrent, at: .zero) }
        }
        #expect(hearing.remembered == LocalHearing.mostPeersInAll)
        // Those that are not heard any more make room.
        let later = Moment.zero + LocalHearing.memory
        #expect(hearing.hears(Self.peer(5_000), of: Self.torrent, at: later))
        #expect(hearing.remembered == 1)
    }

    @Test func `of a torrent that has gone nothing is kept`() {
        let hearing = Ear()
        _ = hearing.hears(Self.peer(1), of: Self.torrent, at: .zero)
        hearing.forget(Self.torrent)
        hearing.forget(Self.torrent)
        #expect(hearing.remembered == 0)
        #expect(hearing.hears(Self.peer(1), of: Self.torrent, at: .zero))
    }
}
