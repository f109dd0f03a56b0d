import SwarmEngine
import Testing
import TorrentCore

@Suite struct ConnectionTests {
    /// The swarm connects to peer `number`, whose handshake says peer id `id`.
    static func call(_ bench: Bench, _ number: UInt64, as id: UInt64) -> (ConnectionID?, SwarmEffects) {
        let found = bench.tell(.peersFound([Bench.endpoint(number)], from: .tracker))
        for effect in found {
            guard case .connect(let connection, _) = effect else { continue }
            let effects = bench.tell(.linkOpened(connection, Bench.handshake(id)))
            return (connection, effects)
        }
        return (nil, [])
    }

    /// Of two connections between the same peers the one made by the greater peer id stays, on both sides.
    @Test func ofTwoConnectionsBothSidesKeepTheSame() {
        // Its peer id is smaller than ours (100), so our connection stays.
        var bench = Bench()
        bench.start()
        let first = bench.enter(1)
        let (mine, effects) = Self.call(bench, 1, as: 1)
        #expect(effects.first == .close(first, .duplicate))
        #expect(bench.connections.map(\.id) == [mine])

        // Its peer id is greater: the connection that it made stays.
        bench = Bench()
        bench.start()
        let theirs = bench.enter(200)
        let (second, refused) = Self.call(bench, 200, as: 200)
        #expect(refused == second.map { [.close($0, .duplicate)] })
        #expect(bench.connections.map(\.id) == [theirs])
    }

    @Test func ourselvesAreCalledOnlyOnce() {
        let bench = Bench()
        bench.start()
        let (id, effects) = Self.call(bench, 1, as: 100)
        #expect(effects.first == id.map { .close($0, .ourself) })
        #expect(Self.call(bench, 1, as: 100).0 == nil)
        #expect(bench.accept(100) == nil)
    }

    /// A peer that the user named may be just starting, so it is tried again sooner than others.
    @Test(arguments: [(PeerSource.tracker, 15), (.user, 1)])
    func failedPeersAreTriedAgainAfterPausesThatDouble(source: PeerSource, first: Int) {
        let bench = Bench()
        bench.start()
        var effects = bench.tell(.peersFound([Bench.endpoint(1)], from: source))
        var pauses: [Duration] = []
        while case .connect(let id, _) = effects.first(where: { if case .connect = $0 { true } else { false } }) {
            let failedAt = bench.now
            bench.tell(.linkClosed(id, .connectFailed))
            guard bench.nextDeadline < .distantFuture else { break }
            effects = bench.pass(bench.nextDeadline - bench.now)
            pauses.append(bench.now - failedAt)
            if pauses.count == 5 { break }
        }
        #expect(pauses == [1, 2, 4, 8, 16].map { .seconds($0 * first) })
    }

    @Test func theUserComesFirstAndConnectionsAreBounded() {
        let bench = Bench(adapt: {
            $0.connections = 10; $0.connecting = 3
        })
        bench.start()
        let many = (1...20).map { Bench.endpoint($0) }
        let first = bench.tell(.peersFound(many, from: .tracker))
        #expect(first.count { if case .connect = $0 { true } else { false } } == 3)
        let user = bench.tell(.peersFound([Bench.endpoint(90)], from: .user))
        #expect(user == [])
        guard case .connect(let id, _) = first[0] else {
            Issue.record("no connect")
            return
        }
        let next = bench.tell(.linkClosed(id, .connectFailed))
        #expect(next.count == 1)
        if case .connect(_, let endpoint) = next[0] { #expect(endpoint == Bench.endpoint(90)) }
        // A fifth of the connections is kept free for peers that connect to us.
        for number in 30..<60 { _ = bench.accept(UInt64(number)) }
        #expect(bench.connections.count + 3 == 10)
    }

    /// All connected peers choke us: after a while one is replaced by a known peer, but not one that the user named.
    @Test func whoIsOfNoUseMakesRoom() {
        let bench = Bench(adapt: { $0.connections = 5 })
        bench.start()
        var connected: [ConnectionID: Endpoint] = [:]
        func meet(_ effects: SwarmEffects, _ bench: Bench) {
            for case .connect(let id, let endpoint) in effects {
                connected[id] = endpoint
                bench.tell(.linkOpened(id, Bench.handshake(UInt64(connected.count))))
                bench.receive(.haveAll, from: id)
            }
        }
        let named = bench.tell(.peersFound([Bench.endpoint(1)], from: .user))
        meet(named, bench)
        let rest = bench.tell(.peersFound((2...9).map { Bench.endpoint($0) }, from: .tracker))
        meet(rest, bench)
        #expect(connected.count == 4)
        #expect(!bench.pass(.seconds(119)).contains { if case .close = $0 { true } else { false } })
        let effects = bench.pass(.seconds(2))
        let closed = effects.compactMap { if case .close(let id, .notUseful) = $0 { connected[id] } else { nil } }
        #expect(closed.count == 1 && closed != [Bench.endpoint(1)])
        let tried = effects.compactMap { if case .connect(_, let endpoint) = $0 { endpoint } else { nil } }
        #expect(tried.count == 1 && !connected.values.contains(tried[0]))
    }

    @Test func seedsHaveNothingToSayToEachOther() {
        let bench = Bench(seeder: true)
        bench.start()
        let peer = bench.enter(1)
        #expect(bench.receive(.haveAll, from: peer) == [.close(peer, .notUseful)])
    }

    @Test func silenceIsBrokenByKeepAlivesAndEndsAfterFourMinutes() {
        let bench = Bench(seeder: true)
        bench.start()
        let peer = bench.join(1, has: [])
        #expect(bench.nextDeadline == .zero + .seconds(110))
        #expect(bench.pass(.seconds(230)) == [.send(peer, .keepAlive), .send(peer, .keepAlive)])
        #expect(bench.pass(.seconds(20)).first == .close(peer, .idle))
        #expect(bench.nextDeadline == .distantFuture)
    }

    @Test func theExtensionHandshakeNamesThePeerAndBoundsItsQueue() {
        let bench = Bench(pieces: 100)
        bench.start()
        let peer = bench.join(1, .ours)
        var handshake = ExtensionHandshake()
        handshake.client = "Other 1.0"
        handshake.requestQueue = 3
        handshake.listenPort = 7_777
        bench.tell(.extensionHandshake(handshake, from: peer))
        #expect(bench.receive(.unchoke, from: peer).requests(to: peer).count == 3)
        #expect(bench.connections[0].client == "Other 1.0")
        // We are connected to the peer that listens there already.
        let listens = Endpoint(Bench.endpoint(1).address, port: 7_777)
        #expect(bench.tell(.peersFound([listens], from: .tracker)) == [])
    }

    @Test func stoppingClosesEverything() {
        let bench = Bench(tiers: [1])
        bench.start()
        let tracker = TrackerIndex(0)
        bench.tell(.announceAnswered(tracker, interval: .seconds(900), minimum: nil))
        let seed = bench.join(1)
        bench.receive(.unchoke, from: seed)
        let effects = bench.tell(.stop)
        #expect(effects.contains(.announce(tracker, .stopped, wanted: 0)))
        #expect(effects.contains(.close(seed, .stopping)))
        #expect(bench.nextDeadline == .distantFuture)
        #expect(bench.accept(5) == nil)
    }

    /// Fewer connections than there are: attempts are given up first, then those go that have been of no use longest.
    @Test func fewerConnectionsLeaveTheUsefulOnes() {
        let bench = Bench(adapt: { $0.connections = 5 })
        bench.start()
        var peers: [ConnectionID] = []
        for number in UInt64(1)...4 {
            peers.append(bench.enter(number))
            bench.now = bench.now + .seconds(1)
        }
        let called = bench.tell(.peersFound([Bench.endpoint(9)], from: .tracker))
        #expect(called == [])
        let effects = bench.tell(.connectionsLimited(2))
        #expect(effects.contains(.close(peers[0], .tooMany)) && effects.contains(.close(peers[1], .tooMany)))
        #expect(Set(bench.connections.map(\.id)) == [peers[2], peers[3]])
        #expect(bench.accept(7) == nil)
        // With more room the peer that waited is called.
        let more = bench.tell(.connectionsLimited(10))
        #expect(more.contains { if case .connect(_, Bench.endpoint(9)) = $0 { true } else { false } })
        let fewer = bench.tell(.connectionsLimited(2))
        #expect(fewer.contains { if case .close(_, .tooMany) = $0 { true } else { false } })
        #expect(bench.connections.count == 2)
    }
}
