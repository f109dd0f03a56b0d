import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Peers that connected before it was known how many pieces there are.
@Suite struct EarlyMessagesTests {
    /// A swarm of 16 pieces takes over peers that have sent these messages: its effects, and what it knows of the
    /// peers.
    private func promote(
        _ early: [EarlyMessages], have: [Int] = [], rules: SwarmRules = .slots, isPrivate: Bool = false,
        from sources: [PeerSource] = [], tiers: [Int] = [], pieces: Int = 16
    ) throws -> (effects: SwarmEffects, figures: [ConnectionFigures]) {
        let geometry = try #require(TorrentGeometry(totalLength: Int64(pieces) * 16_384, pieceLength: 16_384))
        var field = Bitfield(count: pieces)
        for piece in have { field[piece] = true }
        var configuration = SwarmConfiguration(
            geometry: geometry, infoHash: SwarmStage.infoHash, ourID: SwarmStage.ourID, have: field, seed: 1)
        configuration.trackerTiers = tiers
        configuration.rules = rules
        var generator = SplitMix64(seed: 1)
        var members = Membership(configuration, at: .zero, using: &generator)
        configuration.isPrivate = isPrivate
        members.schedule.start(at: .zero)
        let early = early.enumerated().map { number, messages in
            if sources.indices.contains(number) {
                members.book.add(SwarmStage.endpoint(UInt64(number)), from: sources[number], at: .zero)
            }
            let peer = PeerConnection(
                id: members.mint(), endpoint: SwarmStage.endpoint(UInt64(number)),
                handshake: SwarmStage.handshake(UInt64(number), .ours), isOutgoing: true, at: .zero)
            members.joined(peer)
            return (peer: peer, messages: messages)
        }
        var effects: SwarmEffects = []
        let swarm = Swarm(configuration, members: members, early, at: .zero + .seconds(3), effects: &effects)
        return (effects, swarm.connectionList(at: .zero))
    }

    private func kept(_ messages: [PeerMessage], bitfield: [UInt8]? = nil) -> EarlyMessages {
        var kept = EarlyMessages()
        if let bitfield {
            let isKept = kept.heardBitfield(bitfield)
            #expect(isKept)
        }
        for message in messages {
            let isKept = kept.heard(message)
            #expect(isKept)
        }
        return kept
    }

    @Test func aPeerThatHasUnchokedUsIsAskedAtOnce() throws {
        let (effects, figures) = try promote([
            kept([.unchoke, .interested], bitfield: [0xF0, 0]), kept([.haveAll]),
            kept([.have(3), .unchoke, .choke]),
        ])
        let ids = figures.map(\.id)
        #expect(figures.map(\.pieces) == [4, 16, 1])
        #expect(figures.map(\.isChokingUs) == [false, true, true])
        #expect(figures.map(\.isInterestedInUs) == [true, false, false])
        #expect(effects.requests(to: ids[0]).map(\.piece).sorted() == [0, 1, 2, 3])
        for id in ids { #expect(effects.said(to: id).contains(.interested)) }
        #expect(effects.requests(to: ids[1]).isEmpty && effects.requests(to: ids[2]).isEmpty)
    }

    @Test func theyAreToldWhatWeHave() throws {
        let (effects, figures) = try promote([kept([.haveNone])], have: [2, 5])
        #expect(effects.said(to: figures[0].id).prefix(2) == [.have(2), .have(5)])
    }

    /// Only now can it be seen that a bitfield has the wrong length, or that a piece does not exist.
    /// To tell tens of thousands of pieces one by one would cost more than to connect anew.
    @Test(arguments: [(4_096, true), (4_097, false)])
    func whereThereIsTooMuchToTellConnectionsAreMadeAnew(have: Int, stays: Bool) throws {
        let (effects, figures) = try promote([kept([.haveNone])], have: Array(0..<have), pieces: 10_000)
        #expect(figures.isEmpty != stays)
        #expect(effects.count { if case .close = $0 { true } else { false } } == (stays ? 0 : 1))
        #expect(effects.count { if case .send(_, .have) = $0 { true } else { false } } == (stays ? have : 0))
    }

    @Test func whoSentNonsenseIsClosed() throws {
        let (effects, figures) = try promote([kept([], bitfield: [1]), kept([.have(16)]), kept([.have(15)])])
        #expect(figures.map(\.pieces) == [1])
        #expect(effects.count { if case .close(_, .protocolViolation) = $0 { true } else { false } } == 2)
    }

    @Test func whatIsKeptIsBounded() {
        var many = EarlyMessages()
        let areKept = (0...UInt32(EarlyMessages.mostHaves)).map { many.heard(.have($0)) }
        #expect(areKept.firstIndex(of: false) == EarlyMessages.mostHaves)
        var long = EarlyMessages()
        let isLongKept = long.heardBitfield(Array(repeating: 0, count: EarlyMessages.longestBitfield + 1))
        #expect(!isLongKept)
    }

    /// aria2 sends a bitfield again when it has more; the later one holds the earlier one.
    @Test func aLaterBitfieldCounts() throws {
        var twice = kept([], bitfield: [0x80, 0])
        let isKept = twice.heardBitfield([0xC0, 0])
        #expect(isKept)
        #expect(try promote([twice]).figures.map(\.pieces) == [2])
    }

    /// Bitfields add up; of two that differ in length one is wrong.
    @Test func bitfieldsAddUp() throws {
        var both = kept([.haveNone], bitfield: [0x80, 0x01])
        let isKept = both.heardBitfield([0x40, 0])
        #expect(isKept)
        #expect(try promote([both]).figures.map(\.pieces) == [3])
        let isOther = both.heardBitfield([0x40])
        #expect(!isOther)
        var everything = kept([.haveAll])
        let isIgnored = everything.heardBitfield([0x80, 0])
        #expect(isIgnored)
        #expect(try promote([everything]).figures.map(\.pieces) == [16])
    }

    /// What a peer has lost is gone, unless it says later that it has it (BEP 54).
    @Test func whatWasLostIsGone() throws {
        var loser = kept([.have(7)], bitfield: [0xF0, 0])
        for piece in [UInt32(0), 7, 1, 9] {
            let isKept = loser.heardLack(of: piece)
            #expect(isKept)
        }
        let isHeard = loser.heard(.have(1))
        #expect(isHeard)
        #expect(try promote([loser]).figures.map(\.pieces) == [3])
        let isKept = loser.heardBitfield([0x80, 0])
        #expect(isKept)
        #expect(try promote([loser]).figures.map(\.pieces) == [4])
        var many = EarlyMessages()
        let areKept = (0...UInt32(EarlyMessages.mostHaves)).map { many.heardLack(of: $0) }
        #expect(areKept.firstIndex(of: false) == EarlyMessages.mostHaves)
    }

    /// What it lets us ask for while it chokes us is asked for at once (BEP 6).
    @Test func whatIsAllowedIsAskedFor() throws {
        let (effects, figures) = try promote([kept([.allowedFast(3), .allowedFast(5)], bitfield: [0xFF, 0])])
        #expect(Set(effects.requests(to: figures[0].id).map(\.piece)) == [3, 5])
    }

    /// A later handshake changes what it names and leaves the rest (BEP 10).
    @Test func handshakesAddUp() throws {
        var talker = kept([.haveAll, .unchoke])
        var first = MetadataStage.offer(900)
        first.client = "one"
        first.requestQueue = 2
        var second = ExtensionHandshake()
        second.ids[.exchange] = 9
        second.client = "two"
        for handshake in [first, second] { talker.heard(handshake) }
        let (effects, figures) = try promote([talker])
        #expect(figures.map(\.client) == ["two"])
        #expect(effects.requests(to: figures[0].id).count == 2)
    }

    /// A private torrent may not use all of them: connections to the others are closed, and their trackers are asked
    /// one at a time.
    @Test(arguments: [(false, [0, 1, 2], 2), (true, [0, 2], 1)])
    func aTorrentThatTurnsOutToBePrivate(isPrivate: Bool, stay: [Int], announces: Int) throws {
        let (effects, figures) = try promote(
            (0..<3).map { _ in kept([.haveAll]) }, isPrivate: isPrivate, from: [.tracker, .incoming, .user],
            tiers: [1, 1])
        #expect(figures.map(\.endpoint) == stay.map { SwarmStage.endpoint(UInt64($0)) })
        #expect(effects.announces.count == announces)
    }

    /// We turn out to have everything: somebody is given a turn at once, though nobody has said a word since.
    @Test func aSeedBeginsAtOnce() throws {
        let (effects, figures) = try promote(
            (0..<8).map { _ in kept([.haveNone, .interested]) }, have: Array(0..<16), rules: .fitting)
        #expect(figures.count == 8)
        #expect(effects.contains { if case .send(_, .unchoke) = $0 { true } else { false } })
    }

    /// Nobody is a seed before it is known how many pieces there are.
    @Test func nobodyIsASeedBefore() {
        let peer = PeerConnection(
            id: ConnectionID(slot: 0, generation: 0), endpoint: SwarmStage.endpoint(0),
            handshake: SwarmStage.handshake(0),
            isOutgoing: true, at: .zero)
        #expect(!peer.pieces.isSeed && !peer.pieces.wantsNothing)
    }

    @Test func whatAPeerSaidOfItselfIsKept() throws {
        var uploader = kept([.haveNone])
        uploader.heard(ExtensionHandshake.ours(listenPort: 5, requestQueue: 9))
        #expect(
            try promote([uploader]).figures.map(\.client) == [
                ExtensionHandshake.ours(listenPort: nil, requestQueue: 1).client
            ])
    }
}
