import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// Super seeding (BEP 16): as little as possible is given, and nobody is left without.
@Suite struct SuperSeedingTests {
    private static func stage(_ pieces: Int, _ rules: SwarmRules = .fitting) -> SwarmStage {
        var rules = rules
        rules.superSeeds = true
        return SwarmStage(pieces: pieces, seeder: true, rules: rules)
    }

    /// Whoever comes first, whatever the rules say of turns and slots: it is told that we have nothing, and then of one
    /// piece.
    @Test(arguments: [SwarmRules.slots, .standard, .fitting, .serial])
    func itHidesItsPiecesWhateverItsRulesAre(_ rules: SwarmRules) {
        let stage = Self.stage(64, rules)
        stage.start()
        let (id, effects) = stage.knock(1)
        let said = id.map { effects.said(to: $0) } ?? []
        #expect(said.first == .haveNone && said.contains(.unchoke))
        #expect(said.count { if case .have = $0 { true } else { false } } == 1)
        let ours = stage.swarm.extensionHandshake(listenPort: nil)
        #expect(ours.spreads && !ours.isUploadOnly && ours.ids.speaks(.turns))
        #expect(stage.isSuperSeeding)
    }

    /// Others have what it has got so far, and know it.
    @Test func whoLacksSomethingAtTheStartHidesNothing() {
        var rules = SwarmRules.fitting
        rules.superSeeds = true
        let stage = SwarmStage(pieces: 8, have: Array(0..<7), rules: rules)
        stage.start()
        #expect(stage.knock(1).effects.contains { if case .sendBitfield = $0 { true } else { false } })
        #expect(!stage.isSuperSeeding)
    }

    /// Nobody else waits for a turn, so there is no choke before the end, and it is shown pieces ahead.
    @Test(arguments: [ReservedBits.fast, []])
    func aPeerAloneGetsEverythingOnce(_ reserved: ReservedBits) {
        let takers = Takers(Self.stage(32))
        let peer = takers.add(1, reserved)
        #expect(takers.play(for: .seconds(60)) { takers[peer].got.count == 32 })
        takers.play(for: .seconds(120))
        #expect(takers.sent == 64 && takers.chokes <= 1)
        #expect(Set(takers[peer].shown).count == 32 && takers[peer].shown.count == 32)
    }

    /// Some programs announce nothing to who has it already.
    @Test(arguments: [true, false])
    func everyPieceGoesOutOnce(isAnnounced: Bool) {
        let takers = Takers(Self.stage(48))
        var taker = Takers.Taker()
        taker.announces = isAnnounced
        let peers = (1...4).map { takers.add($0, .fast, taker) }
        #expect(takers.play(for: .seconds(60)) { takers.sent == 96 })
        // What goes out now is for who waits in vain.
        takers.play(for: .seconds(5))
        #expect(takers.sent == 96)
        #expect(peers.flatMap { takers[$0].got }.sorted() == (0..<48).map { UInt32($0) })
        #expect(peers.allSatisfy { takers[$0].got.count >= 8 })
    }

    /// A piece that nobody has who is still here is given anew, at once.
    @Test(arguments: [true, false])
    func whatLeftWithAPeerIsGivenAgain(isAnnounced: Bool) {
        let takers = Takers(Self.stage(24))
        var taker = Takers.Taker()
        taker.announces = isAnnounced
        let (leaver, stayer) = (takers.add(1, .fast, taker), takers.add(2, .fast, taker))
        #expect(takers.play(for: .seconds(60)) { takers.sent == 48 })
        let (lost, kept) = (takers[leaver].got, takers[stayer].got)
        #expect(lost.count + kept.count == 24 && !lost.isEmpty)
        takers.remove(leaver)
        #expect(takers.play(for: .seconds(13)) { takers[stayer].got.count == 24 })
        #expect(takers.sent == 48 + lost.count * 2)
    }

    /// Nobody but us decides which pieces go out.
    @Test func nobodyGetsWhatItWasNotShown() throws {
        let stage = Self.stage(64)
        stage.start()
        let (knocked, effects) = stage.knock(1)
        let id = try #require(knocked)
        let shown = effects.said(to: id).compactMap { if case .have(let piece) = $0 { piece } else { nil } }
        let other = (0..<64).first { !shown.contains(UInt32($0)) } ?? 0
        stage.receive(.interested, from: id)
        let answer = stage.receive(.request(stage.block(other, 0)), from: id)
        #expect(answer.said(to: id).contains { if case .reject = $0 { true } else { false } })
        #expect(!answer.contains { if case .serve = $0 { true } else { false } })
    }

    /// Somebody else has the rest, and gives none of it: after a while who waits is given it all, sooner and sooner.
    @Test func whoWaitsInVainIsGivenWhatOthersHave() {
        let stage = Self.stage(24)
        let takers = Takers(stage)
        // It announces nothing, so nobody knows that it has all.
        var taker = Takers.Taker()
        taker.announces = false
        let miser = takers.add(1, .fast, taker)
        #expect(takers.play(for: .seconds(60)) { takers[miser].got.count == 24 })
        let late = takers.add(2)
        takers.play(for: .seconds(10))
        #expect(takers[late].got.isEmpty)
        let before = stage.now
        #expect(takers.play(for: .seconds(90)) { takers[late].got.count == 24 })
        #expect(stage.now < before + .seconds(75))
        #expect(takers.sent == 96)
    }

    /// One that says it has nearly everything gives nobody anything: we give what we have not given yet all the same.
    @Test func theWordOfOneDoesNotStopUs() {
        let stage = Self.stage(64)
        let takers = Takers(stage)
        _ = stage.join(9, has: Array(0..<63))
        let peers = (1...3).map { takers.add($0) }
        var passedOn = [0, 0, 0]
        for _ in 0..<75 {
            takers.play(for: .seconds(1))
            for (place, peer) in peers.enumerated() {
                for piece in takers[peer].got.dropFirst(passedOn[place]) {
                    for other in peers where other != peer { takers.receives(piece, other) }
                }
                passedOn[place] = takers[peer].got.count
            }
        }
        #expect(Set(peers.flatMap { takers[$0].got }).count == 64)
    }

    /// Who gets pieces from others has no need of ours.
    @Test func whoGetsOnIsLeftAlone() {
        let takers = Takers(Self.stage(64))
        let (one, two) = (takers.add(1), takers.add(2))
        #expect(takers.play(for: .seconds(60)) { takers.sent == 128 })
        for (mine, yours) in zip(takers[one].got, takers[two].got).prefix(20) {
            takers.receives(yours, one)
            takers.receives(mine, two)
            takers.play(for: .seconds(10))
        }
        #expect(takers.sent == 128)
    }

    /// It asks for few of the pieces that it is shown: more are shown at once, until it finds what it wants.
    @Test func whoWantsLittleGetsIt() {
        let takers = Takers(Self.stage(400))
        var picky = Takers.Taker()
        picky.wants = [17, 18, 399]
        let peer = takers.add(1, .fast, picky)
        #expect(takers.play(for: .seconds(300)) { takers[peer].got.count == 3 })
        #expect(takers.sent == 6)
    }

    // MARK: Another seed

    /// Everything is shown then: slots are given again where the rules want them.
    @Test(arguments: [SwarmRules.standard, .serial, .fitting])
    func anotherSeedEndsIt(_ rules: SwarmRules) {
        let stage = Self.stage(64, rules)
        let takers = Takers(stage)
        let peer = takers.add(1)
        #expect(takers.play(for: .seconds(60)) { takers[peer].got.count == 4 })
        let seed = stage.enter(2)
        takers.add(stage.receive(.haveAll, from: seed))
        takers.play(for: .seconds(30))
        #expect(takers.others.count { $0 == .showsEverything } == 1)
        #expect(takers.others.contains(.close(seed, .notUseful)))
        #expect(takers[peer].shown.count == 64 && Set(takers[peer].shown).count == 64)
        #expect(!stage.isSuperSeeding)
        let ours = stage.swarm.extensionHandshake(listenPort: nil)
        #expect(!ours.spreads && ours.isUploadOnly)
        #expect(stage.knock(3).effects.contains { if case .send(_, .haveAll) = $0 { true } else { false } })
    }

    /// Of more pieces than are told one by one, who saw few of them is told by a bitfield, over another connection.
    @Test func thousandsAreNotToldOneByOne() {
        let stage = Self.stage(100_000)
        let takers = Takers(stage)
        let peer = takers.add(1)
        #expect(takers.play(for: .seconds(60)) { takers[peer].got.count == 10 })
        let near = takers.add(2)
        takers.add(stage.bitfield(Self.allBut(5, of: 100_000), from: stage.enter(3)))
        takers.add(stage.receive(.haveAll, from: stage.enter(4)))
        takers.play(for: .seconds(2))
        #expect(takers.others.contains(.close(peer, .notUseful)) && takers.others.contains(.close(near, .notUseful)))
        #expect(stage.connections.count == 1)
        #expect(takers[peer].shown.count < 20)
    }

    private static func allBut(_ count: Int, of all: Int) -> Bitfield {
        var field = Bitfield(count: all, filled: true)
        for piece in 0..<count { field[piece] = false }
        return field
    }

    /// They leave each other, and each goes on as if it were alone.
    @Test func twoOfThemGetAlong() {
        let stage = Self.stage(32)
        stage.start()
        let ours = stage.swarm.extensionHandshake(listenPort: nil)
        let twin = stage.enter(1, .ours)
        stage.receive(.haveNone, from: twin)
        #expect(stage.tell(.extensionHandshake(ours, from: twin)).contains(.close(twin, .notUseful)))
        #expect(stage.isSuperSeeding)
    }
}
