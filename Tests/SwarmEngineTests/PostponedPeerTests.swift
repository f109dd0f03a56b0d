import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Attempts that came to nothing through no fault of the peer: of our own network, for want of room, or since both
/// called at once.
@Suite struct PostponedPeerTests {
    private static func neighbour(_ number: UInt32) -> Endpoint { Endpoint(.v4(0x5000_0000 + number), port: 6_881) }

    /// The pauses, in seconds, between the ends of attempts and the next ones.
    private func pauses(
        _ stage: SwarmStage, _ called: [ConnectionID], _ count: Int, end: (ConnectionID) -> Void
    ) -> [Int] {
        var called = called
        var seen: [Int] = []
        while let id = called.first, seen.count < count {
            let ended = stage.now
            end(id)
            called = []
            while called.isEmpty, stage.now - ended < .seconds(4_000) { called = stage.pass(.seconds(1)).connects }
            if !called.isEmpty { seen.append(Int((stage.now - ended).inSeconds)) }
        }
        return seen
    }

    private func stage() -> SwarmStage {
        let stage = SwarmStage()
        stage.start()
        return stage
    }

    // MARK: Our own network

    /// However long it lasts, nobody is forgotten for it.
    @Test(arguments: [
        (PeerSource.tracker, [15, 30, 60, 120, 240, 240, 240, 240]), (.user, [1, 2, 4, 8, 16, 32, 64, 128]),
    ])
    func whereNoWayLeadsItIsTriedAgain(source: PeerSource, expected: [Int]) {
        let stage = stage()
        let called = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: source)).connects
        #expect(pauses(stage, called, 8) { stage.tell(.linkClosed($0, .noWay)) } == expected)
    }

    /// Nor is a neighbourhood: where there was no way to some of it, or they were put off, the others may be called.
    @Test(arguments: [(CloseReason.noWay, 20), (.putOff, 20), (.connectFailed, 4)])
    func theNeighbourhoodDoesNotRest(reason: CloseReason, calls: Int) {
        let stage = stage()
        var called = stage.tell(.peersFound((UInt32(1)...20).map { Self.neighbour($0) }, from: .tracker)).connects
        var count = 0
        while !called.isEmpty, count < 100 {
            count += 1
            called += stage.tell(.linkClosed(called.removeFirst(), reason)).connects
        }
        #expect(count == calls)
    }

    /// It is known why nobody comes, and the way back is found by whoever comes first.
    @Test func whoIsOutOfReachIsCountedUntilItIsTriedAgain() throws {
        let stage = SwarmStage(tiers: [1])
        stage.start()
        var called = stage.tell(.peersFound((1...3).map { SwarmStage.endpoint($0) }, from: .tracker)).connects
        for id in called { stage.tell(.linkClosed(id, .noWay)) }
        #expect(stage.outOfReach == 3 && stage.figures.known == 3)
        called = stage.pass(.seconds(15)).connects
        #expect(called.count == 3 && stage.outOfReach == 0)
        stage.tell(.linkClosed(called[0], .connectFailed))
        stage.tell(.linkClosed(called[1], .noWay))
        #expect(stage.outOfReach == 1 && stage.figures.known == 2)
        stage.tell(.linkOpened(called[2], SwarmStage.handshake(3)))
        #expect(stage.outOfReach == 1 && stage.figures.known == 2)
    }

    /// They are no hope: a tracker is asked for others.
    @Test(arguments: [true, false])
    func whoIsOutOfReachIsNoHope(isOutOfReach: Bool) {
        let stage = SwarmStage(tiers: [1], adapt: { $0.connecting = 8 })
        stage.start()
        let found = stage.tell(.peersFound((1...9).map { SwarmStage.endpoint($0) }, from: .tracker))
        stage.tell(.announceAnswered(TrackerIndex(0), interval: .seconds(1_800), minimum: nil))
        var called = found.connects
        var asked: SwarmEffects = []
        for _ in 0..<12 {
            if isOutOfReach {
                while let id = called.popLast() { called += stage.tell(.linkClosed(id, .noWay)).connects }
            }
            let effects = stage.pass(.seconds(10))
            called += effects.connects
            asked += effects.announces
        }
        #expect(asked.isEmpty != isOutOfReach)
    }

    /// A book that is full of them takes others in their place.
    @Test func whoIsOutOfReachMakesRoom() {
        var book = PeerBook(limit: 3)
        for number in 0..<3 { book.add(SwarmStage.endpoint(UInt64(number)), from: .tracker, at: .zero) }
        while let next = book.takeNext(at: .zero, skippingSeeds: false) { book.wasOutOfReach(next, at: .zero) }
        #expect(book.outOfReachCount == 3)
        let isTaken = book.add(SwarmStage.endpoint(9), from: .tracker, at: .zero)
        #expect(isTaken && book.outOfReachCount == 2)
        let isFirst = book.takeNext(at: .zero + .seconds(60), skippingSeeds: false) == SwarmStage.endpoint(9)
        #expect(isFirst)
    }

    // MARK: No room there

    /// Who shakes hands and hangs up without a word is there: it is tried again, and not forgotten.
    @Test(arguments: [(CloseReason.remoteClosed, true), (.networkError, true), (.remoteClosed, false)])
    func whoHasNoRoomIsTriedAgain(reason: CloseReason, isSilent: Bool) {
        let stage = stage()
        let called = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .tracker)).connects
        let seen = pauses(stage, called, 8) { id in
            stage.tell(.linkOpened(id, SwarmStage.handshake(1)))
            if !isSilent { stage.receive(.haveNone, from: id) }
            stage.tell(.linkClosed(id, reason))
        }
        #expect(seen == (isSilent ? [15, 30, 60, 120, 240, 240, 240, 240] : [15, 30, 60, 120, 240]))
    }

    /// Who is not let in hears that we are here, if it is for want of room or since it is ourselves.
    @Test func whoIsGreeted() {
        let stage = SwarmStage(adapt: { $0.connections = 2 })
        stage.start()
        for number in UInt64(1)...2 { _ = stage.enter(number) }
        func isGreeted(_ endpoint: Endpoint, _ handshake: Handshake) -> Bool {
            guard stage.knock(from: endpoint, handshake).id == nil else { return false }
            return stage.swarm.greets(handshake, from: endpoint)
        }
        let elsewhere = SwarmStage.endpoint(9)
        #expect(isGreeted(elsewhere, SwarmStage.handshake(9)))
        #expect(isGreeted(elsewhere, SwarmStage.handshake(100)))
        #expect(!isGreeted(SwarmStage.endpoint(1), SwarmStage.handshake(1)))
        #expect(!isGreeted(elsewhere, SwarmStage.stranger(9)))
        stage.tell(.stop)
        #expect(!isGreeted(elsewhere, SwarmStage.handshake(9)))
    }

    /// A private torrent that keeps to whom its tracker named tells nobody else that it is here.
    @Test(arguments: [true, false])
    func whoIsNotOfThePrivateTorrentIsNotGreeted(isNamed: Bool) {
        var rules = SwarmRules()
        rules.admitsUnnamed = false
        let stage = SwarmStage(isPrivate: true, rules: rules, adapt: { $0.connections = 1 })
        stage.start()
        stage.tell(.peersFound([SwarmStage.endpoint(1), SwarmStage.endpoint(2)], from: .tracker))
        _ = stage.knock(1)
        let endpoint = SwarmStage.endpoint(isNamed ? 2 : 3)
        #expect(stage.knock(from: endpoint, SwarmStage.handshake(5)).id == nil)
        #expect(stage.swarm.greets(SwarmStage.handshake(5), from: endpoint) == isNamed)
    }

    // MARK: What we gave up ourselves

    /// There are to be fewer connections: nobody was silent.
    @Test func givenUpIsNotSilence() {
        let stage = stage()
        let found = stage.tell(.peersFound((UInt32(1)...12).map { Self.neighbour($0) }, from: .tracker))
        #expect(found.connects.count == 4)
        stage.tell(.connectionsLimited(1))
        // The one that is still being made has its place, and the three others are free again.
        #expect(stage.tell(.connectionsLimited(80)).connects.count == 3)
    }

    /// That we met ourselves says nothing of those near us.
    @Test func ourselfIsNotSilence() throws {
        let stage = stage()
        let called = stage.tell(.peersFound((UInt32(1)...5).map { Self.neighbour($0) }, from: .tracker)).connects
        #expect(called.count == 4)
        let next = stage.tell(.linkOpened(called[0], SwarmStage.handshake(100))).connects
        #expect(next.count == 1)
    }

    /// Both call at once: its call comes through, and ours is closed there without a word.
    @Test(arguments: [true, false])
    func whoCallsAtTheSameTimeIsNotSilent(hasSaidWhere: Bool) throws {
        let stage = stage()
        let called = stage.tell(.peersFound((UInt32(1)...5).map { Self.neighbour($0) }, from: .tracker)).connects
        let ours = called[0]
        let theirs = Endpoint(Self.neighbour(1).address, port: 50_000)
        let id = try #require(stage.knock(from: theirs, SwarmStage.handshake(1)).id)
        var next = stage.pass(.zero).connects
        if hasSaidWhere { stage.introduce(id, speaking: []) }
        next += stage.tell(.linkClosed(ours, .handshakeFailed)).connects
        // One for the place that it gives back, or for the connection that stands.
        #expect(next.count == 1)
        if !hasSaidWhere { stage.introduce(id, speaking: []) }
        // It is connected: nobody calls there.
        func calls(_ effects: SwarmEffects) -> Bool {
            effects.contains { if case .connect(_, let place) = $0 { place == Self.neighbour(1) } else { false } }
        }
        #expect(!calls(stage.pass(.seconds(200))))
        // When it goes it has not been forgotten.
        stage.tell(.linkClosed(id, .remoteClosed))
        #expect(calls(stage.pass(.seconds(20))))
    }

    /// A peer has two addresses: connected at one, it is left alone at the other until it goes.
    @Test func aPeerIsNotCalledAtItsOtherAddress() throws {
        let stage = stage()
        let first = try #require(stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .tracker)).connects.first)
        stage.tell(.linkOpened(first, SwarmStage.handshake(1)))
        let second = try #require(stage.tell(.peersFound([SwarmStage.endpoint(2)], from: .tracker)).connects.first)
        #expect(stage.tell(.linkOpened(second, SwarmStage.handshake(1))).contains(.close(second, .duplicate)))
        #expect(stage.pass(.seconds(120)).connects.isEmpty)
        stage.tell(.linkClosed(first, .remoteClosed))
        let called = stage.pass(.seconds(16))
        #expect(called.connects.count == 2)
    }

    // MARK: What is remembered of neighbourhoods

    /// Whoever tells of thousands of places does not have us forget a victim that the book has forgotten.
    @Test func aVictimIsRememberedThoughTheBookForgetsIt() {
        var neighbourhoods = Neighbourhoods(limit: 50)
        let victims = (UInt32(1)...4).map { Self.neighbour($0) }
        for victim in victims {
            guard let index = neighbourhoods.join(victim, at: .zero) else { return #expect(Bool(false)) }
            neighbourhoods.begin(victim, index, isKnown: false, at: .zero)
            _ = neighbourhoods.ended(victim, index, at: .zero)
            neighbourhoods.leave(index)
        }
        for number in UInt32(1)...5_000 {
            neighbourhoods.leave(neighbourhoods.join(Endpoint(.v4(0x6000_0000 + number << 8), port: 1), at: .zero))
        }
        let again = Self.neighbour(9)
        let index = neighbourhoods.join(again, at: .zero)
        #expect(neighbourhoods.mayTry(again, index, isKnown: false, at: .zero) == Moment.zero + Neighbourhoods.rest)
        neighbourhoods.leave(index)
        // Once that is over it is as any other.
        let later = Moment.zero + Neighbourhoods.rest
        for number in UInt32(1)...5_000 {
            neighbourhoods.leave(neighbourhoods.join(Endpoint(.v4(0x6000_0000 + number << 8), port: 1), at: later))
        }
        #expect(neighbourhoods.index(of: again) == nil)
    }
}
