import DHTEngine
import Testing
import TorrentCore

/// Sites that take all they can get, and crowds of honest people who look just so.
@Suite struct CrowdedTests {
    /// Address `number` of a site: of a /24, or a /64 of a /48.
    private static func address(_ number: Int, ofSite site: Int, isV4: Bool) -> IPAddress {
        isV4
            ? .v4(0x3000_0000 + UInt32(site) << 8 + UInt32(number & 0xFF))
            : .v6(0x2001_0DB8_0000_0000 + UInt64(site) << 16 + UInt64(number), 1)
    }

    // MARK: One torrent

    @Test(arguments: [true, false])
    func oneSiteDrivesNobodyOutOfATorrent(isV4: Bool) {
        let node = Asked(isV4: isV4)
        let honest = (1...10).map { Self.address(7, ofSite: $0, isV4: isV4) }
        for address in honest { #expect(node.announce(Asked.infoHash(1), from: address)) }
        for number in 0..<1_000 {
            // Whichever ports it takes.
            let address = Self.address(number, ofSite: 0, isV4: isV4)
            #expect(node.announce(Asked.infoHash(1), from: address, port: UInt16(1 + number / 250)))
        }
        #expect(node.answering.kept.peers == 200)
        #expect(Self.told(Asked.infoHash(1), by: node, isV4: isV4).isSuperset(of: honest))
        // Nor are newcomers kept out.
        let newcomers = (11...30).map { Self.address(7, ofSite: $0, isV4: isV4) }
        for address in newcomers { #expect(node.announce(Asked.infoHash(1), from: address)) }
        #expect(Self.told(Asked.infoHash(1), by: node, isV4: isV4).isSuperset(of: honest + newcomers))
        #expect(node.answering.kept.peers == 200)
    }

    /// A university, or a carrier that has one net for all: they are told, all of them.
    @Test func aCrowdOfOneSiteIsKept() {
        let node = Asked()
        let crowd = (0..<190).map { Self.address($0, ofSite: 1, isV4: true) }
        for address in crowd { #expect(node.announce(Asked.infoHash(1), from: address)) }
        #expect(Self.told(Asked.infoHash(1), by: node) == Set(crowd))
        // And as many torrents as they like, while there is room.
        for number in 2..<600 { #expect(node.announce(Asked.infoHash(number), from: crowd[number % 190])) }
        #expect(node.answering.kept.peers == 190 + 598)
    }

    // MARK: All torrents

    /// Hashes next to our name cost nothing.
    @Test(arguments: [true, false])
    func aFewSitesThatAreNearDriveNobodyOut(isV4: Bool) {
        let node = Asked(isV4: isV4) {
            $0.limits.keptTorrents = 400
            $0.limits.keptPeers = 1_000
        }
        node.neighbours = Self.neighbours
        let torrents = (0..<40).map { Self.torrent(within: $0.isMultiple(of: 2), $0) }
        for (number, torrent) in torrents.enumerated() {
            #expect(node.announce(torrent, from: Self.address(1, ofSite: 100 + number, isV4: isV4)))
        }
        for number in 0..<2_000 {
            let torrent = InfoHash(Bytes20(high: 0, middle: 1, low: UInt32(number)))
            node.announce(torrent, from: Self.address(number / 8, ofSite: number % 8, isV4: isV4))
        }
        #expect(node.answering.kept.torrents == 400)
        for torrent in torrents { #expect(!node.peers(of: torrent, isV4: isV4).isEmpty) }
        // Who comes late finds a place, too: theirs.
        for number in 40..<80 {
            let torrent = Self.torrent(within: true, number)
            #expect(node.announce(torrent, from: Self.address(1, ofSite: 100 + number, isV4: isV4)))
        }
        for torrent in torrents { #expect(!node.peers(of: torrent, isV4: isV4).isEmpty) }
        #expect(node.answering.kept.torrents == 400)
    }

    /// The same where room for peers is what is short.
    @Test func aFewSitesThatAreNearDriveNoPeersOut() {
        let node = Asked { $0.limits.keptPeers = 400 }
        node.neighbours = Self.neighbours
        let torrents = (0..<40).map { Self.torrent(within: $0.isMultiple(of: 2), $0) }
        for (number, torrent) in torrents.enumerated() {
            #expect(node.announce(torrent, from: Self.address(1, ofSite: 100 + number, isV4: true)))
        }
        for number in 0..<2_000 {
            let torrent = InfoHash(Bytes20(high: 0, middle: 1, low: UInt32(number % 30)))
            node.announce(torrent, from: Self.address(number / 8, ofSite: number % 8, isV4: true))
        }
        #expect(node.answering.kept.peers == 400)
        for torrent in torrents { #expect(!node.peers(of: torrent).isEmpty) }
    }

    /// What is ours is told by our neighbours; beyond it what is farther goes first.
    @Test func whatIsOursDoesNotYieldToWhatIsNearer() {
        let node = Asked { $0.limits.keptTorrents = 20 }
        node.neighbours = Self.neighbours
        for number in 0..<20 {
            node.announce(Self.torrent(within: number < 10, number), from: Self.address(1, ofSite: number, isV4: true))
        }
        // Ten that are nearer take the places of the farther ones,
        for number in 20..<30 {
            #expect(node.announce(Asked.infoHash(number), from: Self.address(1, ofSite: number, isV4: true)))
        }
        for number in 0..<20 {
            #expect(node.peers(of: Self.torrent(within: number < 10, number)).isEmpty == (number >= 10))
        }
        // and nothing that is farther gets one any more.
        #expect(!node.announce(Self.torrent(within: false, 99), from: Self.address(1, ofSite: 99, isV4: true)))
        #expect(node.answering.kept.torrents == 20)
    }

    // MARK: Items

    @Test func aFewSitesDriveNoItemsOut() {
        let node = Asked { $0.limits.itemBytes = 100_000 }
        node.neighbours = Self.neighbours
        let items = (0..<20).map { KRPCItem(value: Array("i\($0)e".utf8)) }
        for (number, item) in items.enumerated() {
            #expect(node.put(item, from: Self.address(1, ofSite: 100 + number, isV4: true)))
        }
        // Of those that are invented the nearest are kept back; any will do as well.
        var number = 0
        for value in 1_000..<20_000 where number < 600 {
            let item = KRPCItem(value: Array("i\(value)e".utf8))
            guard SHA1.digest(of: item.value).bytes.words.high >> 60 == 0 else { continue }
            _ = node.put(item, from: Self.address(number / 8, ofSite: number % 8, isV4: true))
            number += 1
        }
        #expect(number == 600 && node.answering.kept.itemBytes > 99_000 && node.answering.kept.itemBytes <= 100_000)
        for item in items {
            let place = NodeID(SHA1.digest(of: item.value).bytes)
            #expect(node.response(.get(place, newerThan: nil), from: Asked.address(1))?.item == item)
        }
    }

    // MARK: Helpers

    /// All that is told if it is asked for often enough.
    private static func told(_ infoHash: InfoHash, by node: Asked, isV4: Bool = true) -> Set<IPAddress> {
        Set((0..<60).flatMap { _ in node.peers(of: infoHash, isV4: isV4).map(\.address) })
    }

    /// So that 1/65,536 of the space is ours.
    private static let neighbours = (1...8).map { number in
        DHTContact(NodeID(Bytes20(high: UInt64(number) << 45, middle: 0, low: 0)), Asked.closest[0].endpoint)
    }

    private static func torrent(within isOurs: Bool, _ number: Int) -> InfoHash {
        InfoHash(Bytes20(high: isOurs ? 1 << 46 + UInt64(number) : 1 << 60 + UInt64(number), middle: 3, low: 3))
    }
}
