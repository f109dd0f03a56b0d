import Testing
import TorrentCore

@testable import SwarmEngine

/// Known peers: which are tried, how often, and how many of one source are kept.
@Suite struct PeerBookTests {
    @Test(arguments: PeerSource.allCases)
    func aPrivateTorrentTakesWhatItMayUse(source: PeerSource) {
        let bench = Bench(isPrivate: true)
        bench.start()
        let effects = bench.tell(.peersFound([Bench.endpoint(1)], from: source))
        let isAllowed = [.user, .tracker].contains(source)
        #expect(effects.contains { if case .connect = $0 { true } else { false } } == isAllowed)
    }

    /// A peer that connects to us under many names fills half of the book, and the peers of trackers the rest.
    @Test func incomingPeersFillHalfOfTheBookAtMost() {
        var book = PeerBook(limit: 10)
        let came = (0..<10).filter { book.add(Bench.endpoint(UInt64($0)), from: .incoming, at: .zero) }
        #expect(came.count == 5)
        let told = (10..<20).filter { book.add(Bench.endpoint(UInt64($0)), from: .tracker, at: .zero) }
        #expect(told.count == 5)
        // A peer that the user names as well does not count as incoming any more.
        book.add(Bench.endpoint(0), from: .user, at: .zero)
        book.forget(Bench.endpoint(14))
        let isRoomForOne = book.add(Bench.endpoint(30), from: .incoming, at: .zero)
        #expect(isRoomForOne)
    }

    /// A peer that failed makes room for another of its source, though the book is not full.
    @Test func aFailedPeerMakesRoomForOthersOfItsSource() {
        var book = PeerBook(limit: 4)
        book.add(Bench.endpoint(0), from: .incoming, at: .zero)
        book.add(Bench.endpoint(1), from: .incoming, at: .zero)
        #expect(book.takeNext(at: .zero, skippingSeeds: false) == Bench.endpoint(0))
        book.ended(Bench.endpoint(0), .failure, at: .zero)
        let replacesIt = book.add(Bench.endpoint(2), from: .incoming, at: .zero)
        #expect(replacesIt)
        book.add(Bench.endpoint(0), from: .tracker, at: .zero)
        #expect(book.idleCount == 3)
    }

    /// The attempts until a peer that the user did not name is forgotten, and the first pause.
    @Test(arguments: [
        (CloseReason.connectFailed, 6, 15), (.wrongTorrent, 6, 15), (.protocolViolation(.malformedFrame), 2, 60),
    ])
    func aBreachOfTheProtocolMakesLongerPauses(reason: CloseReason, attempts: Int, pause: Int) {
        var book = PeerBook(limit: 4)
        book.add(Bench.endpoint(0), from: .tracker, at: .zero)
        var now = Moment.zero
        var tries = 0
        while book.takeNext(at: now, skippingSeeds: false) != nil {
            tries += 1
            book.ended(Bench.endpoint(0), reason.outcome, at: now)
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
        let bench = Bench()
        bench.start()
        let found = bench.tell(.peersFound([Bench.endpoint(1)], from: .tracker))
        guard case .connect(let id, _)? = found.first else { return #expect(Bool(false), "nobody was called") }
        bench.tell(.linkOpened(id, Bench.handshake(1)))
        bench.pass(.seconds(90))
        let closedAt = bench.now
        bench.tell(.linkClosed(id, reason))
        var calls = bench.pass(.seconds(pause - 1))
        #expect(!calls.contains { if case .connect = $0 { true } else { false } })
        calls = bench.pass(.seconds(2))
        #expect(calls.contains { if case .connect = $0 { true } else { false } })
        #expect(bench.now - closedAt == .seconds(pause + 1))
    }

    /// A peer that the user named has another torrent. It may get ours later, so it is tried again.
    @Test func aNamedPeerWithAnotherTorrentIsTriedAgain() throws {
        let bench = Bench()
        bench.start()
        let found = bench.tell(.peersFound([Bench.endpoint(1)], from: .user))
        guard case .connect(let id, _)? = found.first else { return #expect(Bool(false), "nobody was called") }
        let other = Handshake(infoHash: InfoHash(Bytes20(high: 1, middle: 1, low: 1)), peerID: Bench.id(1))
        let effects = bench.tell(.linkOpened(id, other))
        #expect(effects.contains(.close(id, .wrongTorrent)))
        #expect(bench.pass(.seconds(2)).contains { if case .connect = $0 { true } else { false } })
    }
}
