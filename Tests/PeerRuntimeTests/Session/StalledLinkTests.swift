import SwarmEngine
import Testing
import TorrentCore

@testable import PeerRuntime
@testable import TorrentIO

/// Links that do not move hold up nobody else, and cost no more than they do at first.
@Suite struct StalledLinkTests {
    /// Blocks that do not follow one another are read into buffers, of which there are few.
    @Test(arguments: [1, 8, 20])
    func whoReadsNothingKeepsNobodyElseWaiting(stalled: Int) throws {
        var rules = SwarmRules.slots
        rules.slots = 30
        let stage = try SessionStage(length: 4 << 20, pieceLength: 65_536, rules: rules)
        try stage.store()
        let staged = StagedSession(stage, have: Bitfield(count: stage.geometry.pieceCount, filled: true))
        defer { staged.stop() }
        let apart = (0..<64).map { stage.blocks(of: $0)[$0 % 2] }
        var peers: [FarPeer] = []
        for _ in 0..<stalled {
            let peer = try staged.join(.fast, sendBuffer: 16 << 10)
            peer.say(.haveNone, .interested)
            for block in apart { peer.say(.request(block)) }
            while try peer.push() { stage.runIteration() }
            for _ in 0..<8 { stage.runIteration() }
            peers.append(peer)
        }
        let reader = try staged.join(.fast)
        reader.say(.haveNone, .interested)
        for block in apart { reader.say(.request(block)) }
        for _ in 0..<400 where reader.blocks.count < apart.count { try reader.burst() }
        #expect(peers.allSatisfy { !$0.isClosed })
        #expect(reader.blocks.map(\.block) == apart)
        #expect(reader.blocks.allSatisfy { stage.bytes(of: $0.block).elementsEqual($0.bytes) })
    }

    /// Who has us talk and takes nothing in: each choke and unchoke has blocks asked for anew, each cancel of a request
    /// that waits has it rejected.
    @Test(arguments: [true, false])
    func whatIsSaidToWhoReadsNothingHasABound(cancels: Bool) throws {
        let stage = try SessionStage(length: 4 << 20, pieceLength: 65_536)
        try stage.store()
        let staged = StagedSession(
            stage, have: Bitfield(count: stage.geometry.pieceCount, filled: cancels))
        defer { staged.stop() }
        let peer = try staged.join(cancels ? .fast : [], sendBuffer: 16 << 10)
        if cancels {
            peer.say(.haveNone, .interested)
            for piece in 0..<64 { peer.say(.request(stage.blocks(of: piece)[0])) }
        } else {
            peer.sayBitfield(Bitfield(count: stage.geometry.pieceCount, filled: true))
        }
        let block = stage.blocks(of: 63)[1]
        var most = 0
        for _ in 0..<100 where !peer.isClosed {
            for _ in 0..<1_000 {
                if cancels { peer.say(.request(block), .cancel(block)) } else { peer.say(.choke, .unchoke) }
            }
            while try peer.push() {
                stage.runIteration()
                most = max(most, staged.session.links.established.values.first?.messages.count ?? 0)
            }
        }
        #expect(most > 10_000 && most <= OutboundMessages.most + 1_000)
    }

    /// Both limits hold a link up, and others take nearly all that there is.
    @Test func aLinkThatWaitsForBothLimitsHasOneTimer() throws {
        let limiters = LinkLimiters(
            download: SharedRateLimiter(rate: 2_000_000, at: .zero),
            upload: SharedRateLimiter(rate: 2_000_000, at: .zero))
        let stage = try SessionStage(length: 4 << 20, pieceLength: 65_536, limiters: limiters)
        try stage.store()
        let staged = StagedSession(stage, have: Bitfield(count: stage.geometry.pieceCount, filled: true))
        defer { staged.stop() }
        let peer = try staged.join(.fast)
        peer.say(.haveNone, .interested)
        try peer.burst()
        for piece in 0..<64 { peer.say(.request(stage.blocks(of: piece)[1])) }
        for _ in 0..<20 { peer.sayExtended(100_000) }
        let before = stage.reactor.timerCount
        var most = 0
        for _ in 0..<400 {
            for limiter in [limiters.download, limiters.upload] {
                _ = limiter?.take(upTo: .max / 2, at: stage.reactor.now)
            }
            try peer.push()
            stage.runIteration(after: .microseconds(500))
            try peer.listen()
            most = max(most, stage.reactor.timerCount)
        }
        // The session may have set its own.
        #expect(most <= before + 2)
    }
}
