import Testing
import TorrentCore

@testable import TrackerEngine

/// Ids of peers, which few ask for and which cost the others nothing.
@Suite struct PeerIDTests {
    static func id(_ number: Int) -> PeerID { PeerID(Bytes20(high: UInt64(number), middle: 1, low: 2)) }

    @discardableResult
    static func announce(
        _ stage: TrackerStage, _ number: Int, asks: Bool = false, torrent: Int = 0, wanted: Int = 50
    ) throws -> [String: PeerID?] {
        let address = number % 3 == 0 ? "[2001::\(number % 1_000)]" : "8.0.\(number / 250).\(number % 250)"
        let port = number % 60_000 + 1
        let peers = try stage.announce("\(address):\(port)", torrent: torrent, wanted: wanted) { request in
            request.peerID = id(number)
            request.wantsCompact = !asks
        }
        guard asks else {
            #expect(stage.answer.peerIDs.isEmpty)
            return [:]
        }
        var told: [String: PeerID?] = [:]
        var ids = stage.answer.peerIDs[...]
        #expect(ids.count == peers.count)
        stage.answer.forEachPeer { told[$0.description] = ids.popFirst() }
        return told
    }

    @Test(arguments: [6, 100])
    func `from the first question on, ids are noted as peers announce themselves`(peers: Int) throws {
        let stage = TrackerStage()
        for number in 0..<peers { try Self.announce(stage, number) }
        #expect(try Self.announce(stage, peers, asks: true).values.allSatisfy { $0 == nil })
        for number in 0..<peers where number.isMultiple(of: 2) { try Self.announce(stage, number) }
        try Self.announce(stage, 1, torrent: 1)
        let told = try Self.announce(stage, peers + 1, asks: true, wanted: 200)
        #expect(told.count == peers + 1)
        for (peer, id) in told {
            let number = Int(Endpoint(peer)!.port) - 1
            #expect(id == (number == peers || number.isMultiple(of: 2) ? Self.id(number) : nil), "\(peer)")
        }
        #expect(try Self.announce(stage, 2, asks: true, torrent: 1).values.allSatisfy { $0 == nil })
    }

    @Test func `who comes again with another id is the same peer`() throws {
        let stage = TrackerStage()
        try Self.announce(stage, 1, asks: true)
        for id in 7...9 { try stage.announce("8.0.0.1:2") { $0.peerID = Self.id(id) } }
        #expect(try Self.announce(stage, 2, asks: true) == ["8.0.0.1:2": Self.id(9)])
    }

    @Test func `a swarm goes on telling them when it grows and shrinks`() throws {
        let stage = TrackerStage()
        try Self.announce(stage, 1, asks: true)
        for number in 2...200 { try Self.announce(stage, number) }
        for number in 4...200 where number % 3 != 0 {
            try stage.announce("8.0.\(number / 250).\(number % 250):\(number + 1)", .stopped)
        }
        for number in 4...200 where number % 3 == 0 {
            try stage.announce("[2001::\(number)]:\(number + 1)", .stopped)
        }
        try Self.announce(stage, 5)
        let told = try Self.announce(stage, 300, asks: true)
        #expect(told.count == 4 && told.values.allSatisfy { $0 != nil })
    }

    @Test func `they take what they take, and nobody's is given for another's`() {
        var cache = PeerIDCache(key: TableKey(seed: 3))
        let peers = (0..<PeerIDCache.capacity * 2).map { Endpoint(.v4(UInt32($0)), port: 1) }
        for (number, peer) in peers.enumerated() { cache.note(Self.id(number), of: peer, in: TrackerStage.hash(0)) }
        let known = peers.enumerated().filter { number, peer in
            let id = cache.id(of: peer, in: TrackerStage.hash(0))
            #expect(id == nil || id == Self.id(number))
            return id != nil
        }
        #expect((PeerIDCache.capacity / 2...PeerIDCache.capacity).contains(known.count))
        #expect(peers.allSatisfy { cache.id(of: $0, in: TrackerStage.hash(1)) == nil })
    }
}
