import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// What a swarm without metadata does for others, and whom it keeps.
@Suite struct MetadataNeighbourTests {
    /// A stage with the metadata, and who gave it.
    private func verified(blocks: Int = 4) throws -> (MetadataStage, ConnectionID) {
        let stage = MetadataStage(blocks: blocks)
        stage.start()
        let (id, effects) = stage.join(1)
        var waiting = effects.asked(of: id)
        var end: SwarmEffects = []
        while !waiting.isEmpty {
            end = stage.deliver(waiting.removeFirst(), from: id).effects
            waiting += end.asked(of: id)
        }
        stage.verify(try #require(end.toVerify))
        return (stage, id)
    }

    /// BEP 9: whoever does not have it must reject; who has it gives it.
    @Test func requestsAreRejectedUntilItIsThere() throws {
        let stage = MetadataStage()
        stage.start()
        let asker = stage.enter(2)
        stage.tell(.extensionHandshake(MetadataStage.offer(nil), from: asker))
        #expect(stage.receive(.request(piece: 0), from: asker) == [.sendExtension(asker, .metadataReject(0))])
        let (full, _) = try verified()
        let second = full.enter(2)
        full.tell(.extensionHandshake(MetadataStage.offer(nil), from: second))
        #expect(full.receive(.request(piece: 3), from: second) == [.sendExtension(second, .metadataData(3))])
        #expect(full.receive(.request(piece: 4), from: second) == [.sendExtension(second, .metadataReject(4))])
        // The next one when that has left.
        #expect(full.receive(.request(piece: 0), from: second) == [])
        #expect(full.tell(.metadataSent(to: second)) == [.sendExtension(second, .metadataData(0))])
        let message = try #require(full.encoded(.metadataData(3), for: second))
        var right: [UInt8] = []
        ExtensionMessage.metadata(
            .data(piece: 3, totalSize: Int64(full.size), length: full.size - 3 * 16_384)
        ).append(as: 7, to: &right)
        #expect(message == right)
    }

    @Test func whoDoesNotSpeakItGetsNoAnswer() {
        let stage = MetadataStage()
        stage.start()
        let id = stage.enter(1)
        #expect(stage.receive(.request(piece: 0), from: id) == [])
    }

    /// Whoever asks again and again is closed in the end.
    @Test(arguments: [false, true])
    func aFloodOfRequestsEndsTheConnection(isThere: Bool) throws {
        let (stage, id) = try verified()
        let other = MetadataStage()
        other.start()
        let asker = other.join(1).id
        var closed: [ConnectionID] = []
        for _ in 0..<5_000 where closed.isEmpty {
            closed =
                isThere
                ? stage.receive(.request(piece: 0), from: id).closed
                    + stage.tell(.metadataSent(to: id))
                    .closed : other.receive(.request(piece: 0), from: asker).closed
        }
        #expect(closed == [isThere ? id : asker])
    }

    /// It is private: nobody is given it, its size is not named, and who may not be used goes at once.
    @Test func aPrivateOneIsKeptToOurselves() throws {
        let stage = MetadataStage(blocks: 1)
        stage.start()
        let told = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .exchange)).connects
        let named = stage.tell(.peersFound([SwarmStage.endpoint(2)], from: .user)).connects
        for (number, id) in [(UInt64(1), told[0]), (2, named[0])] {
            stage.tell(.linkOpened(id, SwarmStage.handshake(number, .ours)))
        }
        stage.offer(from: told[0])
        let assembly = try #require(stage.deliver(0, from: told[0]).effects.toVerify)
        let effects = stage.verify(assembly, isPrivate: true)
        #expect(effects.closed == told && effects.outputs(to: named[0]).isEmpty)
        #expect(stage.ourHandshake(listenPort: 1).metadataSize == nil)
        stage.offer(from: named[0])
        #expect(stage.receive(.request(piece: 0), from: named[0]) == [.sendExtension(named[0], .metadataReject(0))])
    }

    /// Nobody gets a block of a piece before there are pieces (BEP 6).
    @Test func requestsForBlocksAreRejected() {
        let stage = MetadataStage()
        stage.start()
        let block = WireBlock(piece: 0, begin: 0, length: 16_384)
        let fast = stage.enter(1)
        let plain = stage.enter(2, .extended)
        #expect(stage.receive(.request(block), from: fast) == [.send(fast, .reject(block))])
        #expect(stage.receive(.request(block), from: plain) == [])
        #expect(stage.receive(.haveAll, from: plain) == [.close(plain, .protocolViolation(.unaskedFast))])
    }

    /// Who has nothing to give makes room for one that connects, and for a known one, sooner than others.
    @Test func whoHasNoneMakesRoom() {
        let stage = MetadataStage { $0.connections = 5 }
        stage.start()
        let giver = stage.join(1).id
        let idle = (2...5).map { stage.enter(UInt64($0)) }
        #expect(stage.knock(9).id == nil)
        stage.pass(.seconds(11))
        let (id, effects) = stage.knock(9)
        #expect(id != nil && effects.contains(.close(idle[0], .notUseful)))
        #expect(!stage.tell(.peersFound([SwarmStage.endpoint(20)], from: .tracker)).contains { $0.isConnect })
        // A fifth of the places is kept for those who connect to us, so two go for the first that we call.
        let later = stage.pass(.seconds(13))
        #expect(later.contains { $0.isConnect } && later.contains(.close(idle[1], .notUseful)))
        #expect(stage.connections.contains { $0.id == giver })
    }

    /// Once it is there, links stay: nobody has to go while the disk is looked at.
    @Test func everybodyStaysWhileTheDiskIsLookedAt() throws {
        let (stage, giver) = try verified()
        let idle = stage.enter(2, .fast)
        stage.tell(.peersFound((10..<90).map { SwarmStage.endpoint($0) }, from: .tracker))
        for _ in 0..<10 {
            stage.pass(.seconds(100))
            for id in [giver, idle] { stage.receive(.keepAlive, from: id) }
        }
        #expect(stage.connections.map(\.id).contains(giver) && stage.connections.map(\.id).contains(idle))
    }

    @Test func whoSaysNothingIsClosedAndWhoHearsNothingIsToldSomething() {
        let stage = MetadataStage()
        stage.start()
        let id = stage.enter(1)
        #expect(stage.pass(.seconds(115)).contains(.send(id, .keepAlive)))
        #expect(stage.pass(.seconds(125)).contains(.close(id, .idle)))
    }

    /// Bitfields of all peers together are bounded, and haves of each. Whose bitfield finds no room gives metadata all
    /// the same, and is connected with anew once that is there.
    @Test func whatIsKeptIsBounded() throws {
        let stage = MetadataStage()
        stage.start()
        let longest = Array(repeating: UInt8(0), count: EarlyMessages.longestBitfield)
        let peers = (0..<17).map { stage.enter(UInt64($0 + 1)) }
        for id in peers { #expect(stage.tell(.bitfield(longest, from: id)).closed == []) }
        let talker = peers[0]
        for piece in 0..<UInt32(EarlyMessages.mostHaves) {
            #expect(stage.receive(.have(piece), from: talker) == [])
        }
        #expect(stage.receive(.have(1), from: talker).closed == [talker])
        for id in peers[1..<16] { stage.tell(.linkClosed(id, .remoteClosed)) }
        let blocks = stage.offer(from: peers[16]).asked(of: peers[16])
        let end = blocks.reduce(SwarmEffects()) { $0 + stage.deliver($1, from: peers[16]).effects }
        stage.verify(try #require(end.toVerify))
        #expect(stage.promote().effects.closed == [peers[16]])
    }

    /// Trackers are asked, and peers found and called, as in every swarm.
    @Test func trackersAndPeersAreThoseOfASwarm() {
        let stage = MetadataStage(tiers: [1, 1])
        #expect(stage.start().announces.count == 2)
        let called = stage.tell(.peersFound([SwarmStage.endpoint(1), SwarmStage.endpoint(2)], from: .tracker)).connects
        #expect(called.count == 2)
        stage.tell(.linkOpened(called[0], SwarmStage.handshake(1, .ours)))
        #expect(stage.tell(.linkOpened(called[1], SwarmStage.stranger(2))) == [.close(called[1], .wrongTorrent)])
        #expect(stage.figures.peers == 1)
        stage.tell(.announceAnswered(TrackerIndex(0), interval: .seconds(1_800), minimum: nil))
        let end = stage.tell(.stop)
        #expect(end.announces.count == 2 && end.closed == [called[0]])
    }
}

extension SwarmEffect {
    fileprivate var isConnect: Bool {
        if case .connect = self { true } else { false }
    }
}
