import SwarmTestSupport
import Testing
import TorrentCore

@testable import SwarmEngine

/// Known peers: which are tried, how often, and how many of one source are kept.
@Suite struct PeerBookTests {
    @Test(arguments: PeerSource.allCases)
    func aPrivateTorrentTakesWhatItMayUse(source: PeerSource) {
        let stage = SwarmStage(isPrivate: true)
        stage.start()
        let effects = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: source))
        let isAllowed = [.user, .tracker].contains(source)
        #expect(effects.contains { if case .connect = $0 { true } else { false } } == isAllowed)
    }

    /// A peer that connects to us under many names fills half of the book, and the peers of trackers the rest.
    @Test func incomingPeersFillHalfOfTheBookAtMost() {
        var book = PeerBook(limit: 10)
        let came = (0..<10).filter { book.add(SwarmStage.endpoint(UInt64($0)), from: .incoming, at: .zero) }
        #expect(came.count == 5)
        let told = (10..<20).filter { book.add(SwarmStage.endpoint(UInt64($0)), from: .tracker, at: .zero) }
        #expect(told.count == 5)
        // A peer that the user names as well does not count as incoming any more.
        book.add(SwarmStage.endpoint(0), from: .user, at: .zero)
        book.forget(SwarmStage.endpoint(14), at: .zero)
        let isRoomForOne = book.add(SwarmStage.endpoint(30), from: .incoming, at: .zero)
        #expect(isRoomForOne)
    }

    /// A peer that failed makes room for another of its source, though the book is not full.
    @Test func aFailedPeerMakesRoomForOthersOfItsSource() {
        var book = PeerBook(limit: 4)
        book.add(SwarmStage.endpoint(0), from: .incoming, at: .zero)
        book.add(SwarmStage.endpoint(1), from: .incoming, at: .zero)
        #expect(book.takeNext(at: .zero, skippingSeeds: false) == SwarmStage.endpoint(0))
        book.ended(SwarmStage.endpoint(0), .failure, at: .zero)
        let replacesIt = book.add(SwarmStage.endpoint(2), from: .incoming, at: .zero)
        #expect(replacesIt)
        book.add(SwarmStage.endpoint(0), from: .tracker, at: .zero)
        #expect(book.idleCount == 3)
    }

    /// It was switched off for four minutes, and says on the local network that it is there again.
    @Test func whoIsHeardNearbyIsTriedAgainAtOnce() {
        var book = PeerBook(limit: 4, mostNearby: 2)
        let peer = SwarmStage.endpoint(0)
        book.add(peer, from: .lan, at: .zero)
        var now = Moment.zero
        for _ in 0..<4 {
            #expect(book.takeNext(at: now, skippingSeeds: false) == peer)
            book.ended(peer, .failure, at: now)
            now = now + .seconds(240)
        }
        let failedAt = now - .seconds(240)
        // A tracker that names it knows nothing of that.
        book.add(peer, from: .tracker, at: failedAt + .seconds(2))
        let early = book.takeNext(at: failedAt + .seconds(4), skippingSeeds: false)
        #expect(early == nil)
        book.add(peer, from: .lan, at: failedAt + .seconds(5))
        let soon = book.takeNext(at: failedAt + .seconds(5), skippingSeeds: false)
        #expect(soon == nil)
        let again = book.takeNext(at: failedAt + .seconds(6), skippingSeeds: false)
        #expect(again == peer)
    }

    @Test func whoComesBackIsCalledAtOnce() throws {
        let stage = SwarmStage()
        stage.start()
        var called = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .lan)).connects
        for pause in [15, 30, 60] {
            stage.tell(.linkClosed(try #require(called.first), .connectFailed))
            called = stage.pass(.seconds(pause)).connects
        }
        stage.tell(.linkClosed(try #require(called.first), .connectFailed))
        #expect(stage.pass(.seconds(5)).connects.isEmpty)
        stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .lan))
        #expect(stage.pass(.seconds(1)).connects.count == 1)
    }

    /// Anybody on the local network may name addresses at which nobody is.
    @Test func attemptsNearbyLeaveRoomForOthers() {
        var book = PeerBook(limit: 40, mostNearby: 2)
        for number in 0..<10 { book.add(SwarmStage.endpoint(UInt64(number)), from: .lan, at: .zero) }
        func take() -> PeerSource? {
            book.takeNext(at: .zero, skippingSeeds: false).flatMap { book.source(of: $0) }
        }
        let first = SwarmStage.endpoint(0)
        #expect([take(), take(), take()] == [.lan, .lan, nil])
        book.add(SwarmStage.endpoint(20), from: .tracker, at: .zero)
        #expect(take() == .tracker)
        #expect(take() == nil)
        // Whoever answers, or does not, makes room for one more of them.
        book.answered(first)
        #expect(book.nextTry == .zero)
        #expect([take(), take()] == [.lan, nil])
        book.ended(SwarmStage.endpoint(1), .failure, at: .zero)
        #expect([take(), take()] == [.lan, nil])
        // Its connection has ended: that was counted before.
        book.ended(first, .harmless, at: .zero)
        #expect(take() == nil)
    }

    /// The attempts until a peer that the user did not name is forgotten, and the first pause.
    @Test(arguments: [
        (CloseReason.connectFailed, 6, 15), (.wrongTorrent, 6, 15), (.protocolViolation(.malformedFrame), 2, 60),
    ])
    func aBreachOfTheProtocolMakesLongerPauses(reason: CloseReason, attempts: Int, pause: Int) {
        var book = PeerBook(limit: 4)
        book.add(SwarmStage.endpoint(0), from: .incoming, at: .zero)
        var now = Moment.zero
        var tries = 0
        while book.takeNext(at: now, skippingSeeds: false) != nil {
            tries += 1
            book.ended(SwarmStage.endpoint(0), reason.outcome, at: now)
            // No peer may be tried now: finding that out sets `nextTry`.
            let another = book.takeNext(at: now, skippingSeeds: false)
            #expect(another == nil)
            if tries == 1 { #expect(book.nextTry - now == .seconds(pause)) }
            now = now + .seconds(3_600)
        }
        #expect(tries == attempts)
    }

    /// A connection that lasted and was closed is no failure; a malformed frame always is one.
    @Test(arguments: [(CloseReason.remoteClosed, 15), (.protocolViolation(.malformedFrame), 60)])
    func aConnectionThatLasted(reason: CloseReason, pause: Int) throws {
        let stage = SwarmStage()
        stage.start()
        let found = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .tracker))
        guard case .connect(let id, _)? = found.first else { return #expect(Bool(false), "nobody was called") }
        stage.tell(.linkOpened(id, SwarmStage.handshake(1)))
        stage.pass(.seconds(90))
        let closedAt = stage.now
        stage.tell(.linkClosed(id, reason))
        var calls = stage.pass(.seconds(pause - 1))
        #expect(!calls.contains { if case .connect = $0 { true } else { false } })
        calls = stage.pass(.seconds(2))
        #expect(calls.contains { if case .connect = $0 { true } else { false } })
        #expect(stage.now - closedAt == .seconds(pause + 1))
    }

    /// What is held against a peer adds up over rounds of connect, handshake and end.
    @Test(arguments: [
        (CloseReason.remoteClosed, [15, 30, 60, 120, 240]), (.protocolViolation(.malformedFrame), [60]),
        // It has never answered in this torrent.
        (.wrongTorrent, [600, 1_200, 1_800, 1_800, 1_800]),
    ])
    func thePauseGrowsFromRoundToRound(reason: CloseReason, pauses: [Int]) {
        let stage = SwarmStage()
        stage.start()
        var called = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .tracker)).connects
        var seen: [Int] = []
        while let id = called.first, seen.count < 10 {
            let isStranger = reason == .wrongTorrent
            stage.tell(.linkOpened(id, isStranger ? SwarmStage.stranger(1) : SwarmStage.handshake(1)))
            let ended = stage.now
            if !isStranger {
                // Who says nothing at all has no room, and is no failure.
                stage.receive(.haveNone, from: id)
                stage.tell(.linkClosed(id, reason))
            }
            called = []
            while called.isEmpty, stage.now - ended < .seconds(4_000) { called = stage.pass(.seconds(1)).connects }
            if !called.isEmpty { seen.append(Int((stage.now - ended).inSeconds)) }
        }
        #expect(seen == pauses)
    }

    /// After a block was traded the next hang-up counts as the first.
    @Test func aTradedBlockClearsEarlierFailures() throws {
        let stage = SwarmStage(pieces: 1, pieceLength: 16_384)
        stage.start()
        var called = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .tracker)).connects
        for (trades, pause) in [(false, 15), (false, 30), (true, 15), (false, 15)] {
            let id = try #require(called.first)
            stage.tell(.linkOpened(id, SwarmStage.handshake(1)))
            if trades {
                stage.receive(.haveAll, from: id)
                stage.receive(.unchoke, from: id)
                stage.deliver(stage.block(0, 0), from: id)
            }
            stage.tell(.linkClosed(id, .remoteClosed))
            #expect(stage.pass(.seconds(pause - 1)).connects.isEmpty)
            called = stage.pass(.seconds(2)).connects
        }
    }

    /// A peer connected to us without telling its port. When we connect to it by chance, we learn it, and do not
    /// connect again; unless it is somewhere else, since a peer id can be borrowed.
    @Test(arguments: [true, false])
    func aPeerThatIsConnectedAlreadyIsNotCalledAgain(isSameAddress: Bool) throws {
        let stage = SwarmStage()
        stage.start()
        let theirs = stage.enter(200)
        let place = Endpoint(SwarmStage.endpoint(isSameAddress ? 200 : 9).address, port: 51_413)
        let called = stage.tell(.peersFound([place], from: .tracker)).connects
        let ours = try #require(called.first)
        #expect(stage.tell(.linkOpened(ours, SwarmStage.handshake(200))).contains(.close(ours, .duplicate)))
        #expect(stage.pass(.seconds(200)).connects.isEmpty)
        stage.tell(.linkClosed(theirs, .remoteClosed))
        #expect(stage.pass(.seconds(60)).connects.count == 1)
    }

    /// Blocks that nobody asked for clear nothing.
    @Test func anUnwantedBlockClearsNoFailure() throws {
        let stage = SwarmStage()
        stage.start()
        var called = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .tracker)).connects
        for pause in [15, 30, 60] {
            let id = try #require(called.first)
            stage.tell(.linkOpened(id, SwarmStage.handshake(1)))
            stage.deliver(stage.block(0, 0), from: id)
            stage.tell(.linkClosed(id, .remoteClosed))
            #expect(stage.pass(.seconds(pause - 1)).connects.isEmpty)
            called = stage.pass(.seconds(2)).connects
        }
        #expect(called.count == 1)
    }

    /// The book is full of addresses that have not been tried.
    @Test func thereIsRoomForAPeerThatTheUserNames() {
        var book = PeerBook(limit: 3)
        for number in 0..<3 { book.add(SwarmStage.endpoint(UInt64(number)), from: .tracker, at: .zero) }
        let isRoomForNamed = book.add(SwarmStage.endpoint(7), from: .user, at: .zero)
        let isRoomForTold = book.add(SwarmStage.endpoint(8), from: .tracker, at: .zero)
        #expect(isRoomForNamed && !isRoomForTold)
        #expect(book.idleCount == 3)
    }

    /// A new connection to the only peer takes the place of the old one: it is not said that there is no peer.
    @Test func aReplacedConnectionLeavesNoGap() {
        let stage = SwarmStage()
        stage.start()
        _ = stage.enter(200)
        stage.pass(.seconds(40))
        let (second, effects) = stage.knock(200)
        #expect(second != nil)
        #expect(!effects.contains { if case .starved = $0 { true } else { false } })
    }

    /// A peer that the user named has another torrent. It may get ours later, so it is tried again.
    @Test func aNamedPeerWithAnotherTorrentIsTriedAgain() throws {
        let stage = SwarmStage()
        stage.start()
        let found = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .user))
        guard case .connect(let id, _)? = found.first else { return #expect(Bool(false), "nobody was called") }
        let effects = stage.tell(.linkOpened(id, SwarmStage.stranger(1)))
        #expect(effects.contains(.close(id, .wrongTorrent)))
        #expect(stage.pass(.seconds(2)).contains { if case .connect = $0 { true } else { false } })
    }
}
