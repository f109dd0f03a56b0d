import DHTEngine
import Testing
import TorrentCore

/// Peers that are kept for others.
@Suite struct KeptPeersTests {
    @Test func anAnnouncedPeerIsToldForHalfAnHour() {
        let node = Asked()
        node.announce(Asked.infoHash(1), from: Asked.address(1), port: 80)
        let peer = Endpoint(Asked.address(1), port: 80)
        #expect(node.peers(of: Asked.infoHash(1)) == [peer])
        #expect(node.peers(of: Asked.infoHash(2)) == [])
        node.now = node.now + .seconds(1_799)
        #expect(node.peers(of: Asked.infoHash(1)) == [peer])
        // Said again it stays, and once.
        node.announce(Asked.infoHash(1), from: Asked.address(1), port: 80)
        node.now = node.now + .seconds(1_799)
        #expect(node.peers(of: Asked.infoHash(1)) == [peer])
        node.now = node.now + .seconds(2)
        #expect(node.peers(of: Asked.infoHash(1)) == [])
    }

    @Test func whatIsOverIsForgottenAtTheDeadline() {
        let node = Asked()
        #expect(node.answering.nextDeadline == .distantFuture)
        node.announce(Asked.infoHash(1), from: Asked.address(1))
        node.now = node.now + .seconds(600)
        node.announce(Asked.infoHash(1), from: Asked.address(2))
        node.announce(Asked.infoHash(2), from: Asked.address(2))
        var turns = 0
        while node.answering.nextDeadline != .distantFuture, turns < 10 {
            turns += 1
            #expect(node.answering.nextDeadline > node.now)
            node.now = node.answering.nextDeadline
            node.answering.expire(at: node.now)
            if turns == 1 { #expect(node.answering.kept.peers == 2) }
        }
        #expect(node.answering.kept.peers == 0 && node.answering.kept.torrents == 0)
        #expect((2...3).contains(turns))
    }

    @Test func theImpliedPortIsThatOfTheQuestion() {
        let node = Asked()
        for (implied, port) in [(true, UInt16(6_881)), (false, 99)] {
            let announce = KRPCQuery.Method.announcePeer(
                Asked.infoHash(1), port: 99, impliesPort: implied, token: node.token(for: Asked.address(1)))
            #expect(node.response(announce, from: Asked.address(1)) != nil)
            #expect(node.peers(of: Asked.infoHash(1)).contains(Endpoint(Asked.address(1), port: port)))
        }
    }

    /// Of many peers another part each time, every one of them some time.
    @Test func ofManyPeersARandomPartIsTold() {
        let node = Asked()
        for number in 0..<150 { node.announce(Asked.infoHash(1), from: Asked.address(number)) }
        var seen: Set<Endpoint> = []
        let first = node.peers(of: Asked.infoHash(1))
        #expect((80..<100).contains(first.count) && Set(first).count == first.count)
        #expect(node.peers(of: Asked.infoHash(1)) != first)
        for _ in 0..<20 { seen.formUnion(node.peers(of: Asked.infoHash(1))) }
        #expect(seen.count == 150)
    }

    // MARK: Room

    @Test func aTorrentHasSoManyPeersTheNewestOnes() {
        let node = Asked { $0.limits.keptPeersATorrent = 10 }
        for number in 0..<25 { #expect(node.announce(Asked.infoHash(1), from: Asked.address(number))) }
        #expect(Set(node.peers(of: Asked.infoHash(1)).map(\.address)) == Set((15..<25).map { Asked.address($0) }))
        #expect(node.answering.kept.peers == 10)
    }

    @Test func torrentsNearOurNameStay() {
        let node = Asked { $0.limits.keptTorrents = 10 }
        for number in 1...10 { #expect(node.announce(Asked.infoHash(number * 10), from: Asked.address(number))) }
        #expect(!node.announce(Asked.infoHash(101), from: Asked.address(11)))
        #expect(node.announce(Asked.infoHash(15), from: Asked.address(11)))
        #expect(node.peers(of: Asked.infoHash(100)).isEmpty)
        #expect(!node.peers(of: Asked.infoHash(90)).isEmpty && !node.peers(of: Asked.infoHash(15)).isEmpty)
        // Those that are kept can be announced again and by others.
        #expect(node.announce(Asked.infoHash(90), from: Asked.address(9)))
        #expect(node.announce(Asked.infoHash(90), from: Asked.address(12)))
        #expect(node.answering.kept.torrents == 10 && node.answering.kept.peers == 11)
    }

    /// Whatever our name is, those that are nearest to it are left.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func theNearestStayWhateverOurNameIs(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let ourID = NodeID.random(using: &generator)
        let node = Asked { $0.limits.keptTorrents = 12 }
        node.ourID = ourID
        // Some of them share most of their bits with each other or with us.
        let torrents = (0..<60).map { number in
            let other = number.isMultiple(of: 2) ? ourID : NodeID(Bytes20(high: 7, middle: 7, low: 7))
            let shared = number.isMultiple(of: 3) ? 155 - number : number / 4
            return InfoHash(NodeID.random(sharing: shared, with: other, using: &generator).bytes)
        }
        for (number, torrent) in torrents.enumerated() { node.announce(torrent, from: Asked.address(number)) }
        let nearest = Set(torrents).sorted {
            ourID.distance(to: NodeID($0)) < ourID.distance(to: NodeID($1))
        }
        for (number, torrent) in nearest.enumerated() { #expect(node.peers(of: torrent).isEmpty == (number >= 12)) }
    }

    @Test func peersInAllAreBounded() {
        let node = Asked { $0.limits.keptPeers = 10 }
        for number in 0..<6 { node.announce(Asked.infoHash(1), from: Asked.address(number)) }
        for number in 6..<10 { node.announce(Asked.infoHash(number), from: Asked.address(number)) }
        #expect(node.answering.kept.peers == 10)
        // The farthest give way, one peer each time, until this is the farthest itself.
        for number in 10..<30 { #expect(node.announce(Asked.infoHash(1), from: Asked.address(number))) }
        #expect(node.answering.kept.peers == 10 && node.answering.kept.torrents == 1)
        #expect(!node.announce(Asked.infoHash(2), from: Asked.address(40)))
        #expect(node.announce(Asked.infoHash(0), from: Asked.address(41)))
        #expect(node.answering.kept.peers == 10 && node.answering.kept.torrents == 2)
    }

    @Test func oneAddressHasFewPlacesInATorrent() {
        let node = Asked()
        for port in 1...20 { node.announce(Asked.infoHash(1), from: Asked.address(1), port: UInt16(port)) }
        #expect(Set(node.peers(of: Asked.infoHash(1)).map(\.port)) == Set(13...20))
        // A /64 of IPv6 is one address.
        let other = Asked(isV4: false)
        for number in 0..<20 { other.announce(Asked.infoHash(1), from: .v6(0x2001_0DB8 << 32, UInt64(number))) }
        #expect(other.answering.kept.peers == 8)
        // At home there are several programs at one address.
        for port in 1...20 { node.announce(Asked.infoHash(2), from: .v4(0x0A00_0001), port: UInt16(port)) }
        #expect(node.answering.kept.peers == 28)
    }

    // MARK: Samples

    @Test func torrentsAreSampled() {
        let node = Asked()
        var response = node.response(.sampleInfohashes(Asked.ourID), from: Asked.address(1))
        #expect(response?.samples == [] && response?.sampleCount == 0 && response?.sampleInterval == 900)
        for number in 0..<5 { node.announce(Asked.infoHash(number), from: Asked.address(1)) }
        response = node.response(.sampleInfohashes(Asked.ourID), from: Asked.address(1))
        #expect(Set(response?.samples ?? []) == Set((0..<5).map { Asked.infoHash($0) }))
        #expect(response?.sampleCount == 5)
    }

    /// Asking again gives nothing new until the time that is told.
    @Test func thereAreOtherSamplesAfterAWhile() {
        let node = Asked()
        for number in 0..<100 { node.announce(Asked.infoHash(number), from: Asked.address(number)) }
        let first = node.response(.sampleInfohashes(Asked.ourID), from: Asked.address(1))
        #expect(first?.samples?.count == 30 && first?.sampleCount == 100 && first?.sampleInterval == 900)
        node.now = node.now + .seconds(800)
        let second = node.response(.sampleInfohashes(Asked.ourID), from: Asked.address(2))
        #expect(second?.samples == first?.samples && second?.sampleInterval == 100)
        node.now = node.now + .seconds(100)
        let third = node.response(.sampleInfohashes(Asked.ourID), from: Asked.address(2))
        #expect(third?.samples != first?.samples && third?.samples?.count == 30 && third?.sampleInterval == 900)
    }
}
