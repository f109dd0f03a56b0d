import Testing
import TorrentCore

@testable import SwarmEngine

/// Peers that came before it was known how many pieces there are.
@Suite struct EarlyWordsTests {
    /// A swarm of 16 pieces that takes over peers who have said these things, and what it does then.
    private func promote(
        _ words: [EarlyWords], have: [Int] = []
    ) throws -> (effects: SwarmEffects, figures: [ConnectionFigures]) {
        let geometry = try #require(TorrentGeometry(totalLength: 16 * 16_384, pieceLength: 16_384))
        var field = Bitfield(count: 16)
        for piece in have { field[piece] = true }
        let configuration = SwarmConfiguration(
            geometry: geometry, infoHash: Bench.infoHash, ourID: Bench.ourID, have: field, seed: 1)
        var generator = SplitMix64(seed: 1)
        var members = Membership(configuration, at: .zero, using: &generator)
        let early = words.enumerated().map { number, words in
            let peer = PeerConnection(
                id: members.mint(), endpoint: Bench.endpoint(UInt64(number)),
                handshake: Bench.handshake(UInt64(number)), isOutgoing: true, at: .zero)
            members.joined(peer)
            return (peer: peer, words: words)
        }
        var effects: SwarmEffects = []
        let swarm = Swarm(configuration, members: members, early, at: .zero + .seconds(3), effects: &effects)
        return (effects, swarm.connectionList(at: .zero))
    }

    private func words(_ messages: [PeerMessage], bitfield: [UInt8]? = nil) -> EarlyWords {
        var words = EarlyWords()
        if let bitfield {
            let isKept = words.heardBitfield(bitfield)
            #expect(isKept)
        }
        for message in messages {
            let isKept = words.heard(message)
            #expect(isKept)
        }
        return words
    }

    @Test func whoHasToldAndUnchokedIsAskedAtOnce() throws {
        let (effects, figures) = try promote([
            words([.unchoke, .interested], bitfield: [0xF0, 0]), words([.haveAll]),
            words([.have(3), .unchoke, .choke]),
        ])
        let ids = figures.map(\.id)
        #expect(figures.map(\.pieces) == [4, 16, 1])
        #expect(figures.map(\.isChokingUs) == [false, true, true])
        #expect(figures.map(\.isInterestedInUs) == [true, false, false])
        #expect(effects.requests(to: ids[0]).map(\.piece).sorted() == [0, 1, 2, 3])
        for id in ids { #expect(effects.said(to: id).contains(.interested)) }
        #expect(effects.requests(to: ids[1]).isEmpty && effects.requests(to: ids[2]).isEmpty)
    }

    @Test func theyHearWhatWeHaveAfterAll() throws {
        let (effects, figures) = try promote([words([.haveNone])], have: [2, 5])
        #expect(effects.said(to: figures[0].id).prefix(2) == [.have(2), .have(5)])
    }

    /// It cannot be seen before that the bitfield is one of another torrent, or that there is no such piece.
    @Test func whoToldNonsenseLeaves() throws {
        let (effects, figures) = try promote([words([], bitfield: [1]), words([.have(16)]), words([.have(15)])])
        #expect(figures.map(\.pieces) == [1])
        #expect(effects.count { if case .close(_, .protocolViolation) = $0 { true } else { false } } == 2)
    }

    @Test func whatIsKeptIsBounded() {
        var many = EarlyWords()
        let kept = (0...UInt32(EarlyWords.mostHaves)).map { many.heard(.have($0)) }
        #expect(kept.firstIndex(of: false) == EarlyWords.mostHaves)
        var twice = words([], bitfield: [1])
        let isSecondKept = twice.heardBitfield([1])
        #expect(!isSecondKept)
        var long = EarlyWords()
        let isLongKept = long.heardBitfield(Array(repeating: 0, count: EarlyWords.longestBitfield + 1))
        #expect(!isLongKept)
    }
}
