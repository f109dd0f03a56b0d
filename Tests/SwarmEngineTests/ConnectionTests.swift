import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

@Suite struct ConnectionTests {
    /// The swarm connects to peer `number`, whose handshake says peer id `id`.
    static func call(_ stage: SwarmStage, _ number: UInt64, as id: UInt64) -> (ConnectionID?, SwarmEffects) {
        let found = stage.tell(.peersFound([SwarmStage.endpoint(number)], from: .tracker))
        for effect in found {
            guard case .connect(let connection, _) = effect else { continue }
            let effects = stage.tell(.linkOpened(connection, SwarmStage.handshake(id)))
            return (connection, effects)
        }
        return (nil, [])
    }

    /// Of two connections between the same peers the one made by the greater peer id stays, on both sides.
    @Test func ofTwoConnectionsBothSidesKeepTheSame() {
        // Its peer id is smaller than ours (100), so our connection stays.
        var stage = SwarmStage()
        stage.start()
        let first = stage.enter(1)
        let (mine, effects) = Self.call(stage, 1, as: 1)
        #expect(effects.first == .close(first, .duplicate))
        #expect(stage.connections.map(\.id) == [mine])

        // Its peer id is greater: the connection that it made stays.
        stage = SwarmStage()
        stage.start()
        let theirs = stage.enter(200)
        let (second, refused) = Self.call(stage, 200, as: 200)
        #expect(refused == second.map { [.close($0, .duplicate)] })
        #expect(stage.connections.map(\.id) == [theirs])
    }

    @Test func ourselvesAreCalledOnlyOnce() {
        let stage = SwarmStage()
        stage.start()
        let (id, effects) = Self.call(stage, 1, as: 100)
        #expect(effects.first == id.map { .close($0, .ourself) })
        #expect(Self.call(stage, 1, as: 100).0 == nil)
        #expect(stage.accept(100) == nil)
    }

    /// A peer that the user named may be just starting, so it is tried again sooner than others. A public one of a list
    /// may be anybody's.
    @Test(arguments: [(PeerSource.tracker, 600), (.user, 1)])
    func failedPeersAreTriedAgainAfterPausesThatDouble(source: PeerSource, first: Int) {
        let stage = SwarmStage()
        stage.start()
        var effects = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: source))
        var pauses: [Duration] = []
        while case .connect(let id, _) = effects.first(where: { if case .connect = $0 { true } else { false } }) {
            let failedAt = stage.now
            stage.tell(.linkClosed(id, .connectFailed))
            guard stage.nextDeadline < .distantFuture else { break }
            effects = stage.pass(stage.nextDeadline - stage.now)
            pauses.append(stage.now - failedAt)
            if pauses.count == 5 { break }
        }
        #expect(pauses == [1, 2, 4, 8, 16].map { .seconds(min(1_800, $0 * first)) })
    }

    @Test func theUserComesFirstAndConnectionsAreBounded() {
        let stage = SwarmStage(adapt: {
            $0.connections = 10; $0.connecting = 3
        })
        stage.start()
        let many = (1...20).map { SwarmStage.endpoint($0) }
        let first = stage.tell(.peersFound(many, from: .tracker))
        #expect(first.count { if case .connect = $0 { true } else { false } } == 3)
        let user = stage.tell(.peersFound([SwarmStage.endpoint(90)], from: .user))
        #expect(user == [])
        guard case .connect(let id, _) = first[0] else {
            Issue.record("no connect")
            return
        }
        let next = stage.tell(.linkClosed(id, .connectFailed))
        #expect(next.count == 1)
        if case .connect(_, let endpoint) = next[0] { #expect(endpoint == SwarmStage.endpoint(90)) }
        // A fifth of the connections is kept free for peers that connect to us.
        for number in 30..<60 { _ = stage.accept(UInt64(number)) }
        #expect(stage.connections.count + 3 == 10)
    }

    /// All connected peers choke us: after a while one is replaced by a known peer, but not one that the user named.
    @Test func whoIsOfNoUseMakesRoom() {
        let stage = SwarmStage(adapt: { $0.connections = 5 })
        stage.start()
        var connected: [ConnectionID: Endpoint] = [:]
        func meet(_ effects: SwarmEffects, _ stage: SwarmStage) {
            for case .connect(let id, let endpoint) in effects {
                connected[id] = endpoint
                stage.tell(.linkOpened(id, SwarmStage.handshake(UInt64(connected.count))))
                stage.receive(.haveAll, from: id)
            }
        }
        let named = stage.tell(.peersFound([SwarmStage.endpoint(1)], from: .user))
        meet(named, stage)
        let rest = stage.tell(.peersFound((2...9).map { SwarmStage.endpoint($0) }, from: .tracker))
        meet(rest, stage)
        #expect(connected.count == 4)
        #expect(!stage.pass(.seconds(119)).contains { if case .close = $0 { true } else { false } })
        let effects = stage.pass(.seconds(2))
        let closed = effects.compactMap { if case .close(let id, .notUseful) = $0 { connected[id] } else { nil } }
        #expect(closed.count == 1 && closed != [SwarmStage.endpoint(1)])
        let tried = effects.compactMap { if case .connect(_, let endpoint) = $0 { endpoint } else { nil } }
        #expect(tried.count == 1 && !connected.values.contains(tried[0]))
    }

    @Test func seedsHaveNothingToSayToEachOther() {
        let stage = SwarmStage(seeder: true)
        stage.start()
        let peer = stage.enter(1)
        #expect(stage.receive(.haveAll, from: peer) == [.close(peer, .notUseful)])
    }

    @Test func silenceIsBrokenByKeepAlivesAndEndsAfterFourMinutes() {
        let stage = SwarmStage(seeder: true)
        stage.start()
        let peer = stage.join(1, has: [])
        #expect(stage.nextDeadline == .zero + .seconds(110))
        #expect(stage.pass(.seconds(230)) == [.send(peer, .keepAlive), .send(peer, .keepAlive)])
        #expect(stage.pass(.seconds(20)).first == .close(peer, .idle))
        #expect(stage.nextDeadline == .distantFuture)
    }

    @Test func theExtensionHandshakeNamesThePeerAndBoundsItsQueue() {
        let stage = SwarmStage(pieces: 100)
        stage.start()
        let peer = stage.join(1, .ours)
        var handshake = ExtensionHandshake()
        handshake.client = "Other 1.0"
        handshake.requestQueue = 3
        handshake.listenPort = 7_777
        stage.tell(.extensionHandshake(handshake, from: peer))
        #expect(stage.receive(.unchoke, from: peer).requests(to: peer).count == 3)
        #expect(stage.connections[0].client == "Other 1.0")
        // We are connected to the peer that listens there already.
        let listens = Endpoint(SwarmStage.endpoint(1).address, port: 7_777)
        #expect(stage.tell(.peersFound([listens], from: .tracker)) == [])
    }

    /// Each peer is told at which address we see it (BEP 10).
    @Test func ourHandshakeSaysHowWeSeeThePeer() throws {
        let stage = SwarmStage()
        stage.start()
        for number in UInt64(1)...2 {
            let id = stage.enter(number, .ours)
            let bytes = stage.swarm.encoded(.handshake, for: id, listenPort: 7) ?? []
            // Behind the length, the kind of message and the kind of extended message.
            let body = Array(bytes.dropFirst(6))
            let ours = try body.withBytes { span throws(WireError) in try ExtensionHandshake(parsing: span) }
            #expect(ours.yourAddress == SwarmStage.endpoint(number).address && ours.listenPort == 7)
        }
    }

    /// Each connected peer counts once, by how we came to be connected.
    @Test func peersAreCountedByTheirSource() {
        let stage = SwarmStage()
        stage.start()
        var number = UInt64(0)
        for source in [PeerSource.user, .tracker, .tracker, .exchange] {
            number += 1
            for id in stage.tell(.peersFound([SwarmStage.endpoint(number)], from: source)).connects {
                let before = stage.swarm.source(of: id)
                stage.tell(.linkOpened(id, SwarmStage.handshake(number)))
                let after = stage.swarm.source(of: id)
                #expect(before == source && after == source)
            }
        }
        let came = stage.enter(9)
        let counts = PeerSource.allCases.map { stage.figures.sources[$0] }
        #expect(counts == [1, 0, 0, 1, 2, 1, 0])
        #expect(stage.figures.peers == 5)
        stage.tell(.linkClosed(came, .remoteClosed))
        let source = stage.swarm.source(of: came)
        #expect(stage.figures.sources[.incoming] == 0 && source == nil)
    }

    @Test func stoppingClosesEverything() {
        let stage = SwarmStage(tiers: [1])
        stage.start()
        let tracker = TrackerIndex(0)
        stage.tell(.announceAnswered(tracker, interval: .seconds(900), minimum: nil))
        let seed = stage.join(1)
        stage.receive(.unchoke, from: seed)
        let effects = stage.tell(.stop)
        #expect(effects.contains(.announce(tracker, .stopped, wanted: 0)))
        #expect(effects.contains(.close(seed, .stopping)))
        #expect(stage.nextDeadline == .distantFuture)
        #expect(stage.accept(5) == nil)
    }

    /// Fewer connections than there are: attempts are given up first, then those go that have been of no use longest.
    @Test func fewerConnectionsLeaveTheUsefulOnes() {
        let stage = SwarmStage(adapt: { $0.connections = 5 })
        stage.start()
        var peers: [ConnectionID] = []
        for number in UInt64(1)...4 {
            peers.append(stage.enter(number))
            stage.now = stage.now + .seconds(1)
        }
        let called = stage.tell(.peersFound([SwarmStage.endpoint(9)], from: .tracker))
        #expect(called == [])
        let effects = stage.tell(.connectionsLimited(2))
        #expect(effects.contains(.close(peers[0], .tooMany)) && effects.contains(.close(peers[1], .tooMany)))
        #expect(Set(stage.connections.map(\.id)) == [peers[2], peers[3]])
        #expect(stage.accept(7) == nil)
        // With more room the peer that waited is called.
        let more = stage.tell(.connectionsLimited(10))
        #expect(more.contains { if case .connect(_, SwarmStage.endpoint(9)) = $0 { true } else { false } })
        let fewer = stage.tell(.connectionsLimited(2))
        #expect(fewer.contains { if case .close(_, .tooMany) = $0 { true } else { false } })
        #expect(stage.connections.count == 2)
    }
}
