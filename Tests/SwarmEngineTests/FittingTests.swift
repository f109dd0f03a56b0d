import SwarmEngine
import SwarmTestSupport
import Testing
import TorrentCore

/// Turns or slots: the brain finds out which fits.
@Suite struct FittingTests {
    /// Peers connect to a seeder and ask for every piece that they are shown. Returns how many chokes they got, and how
    /// many pieces they were shown. `isTold`: they announce each piece as soon as it has been sent. `trip`: how long
    /// their requests take to come.
    private func serve(
        peers count: Int, blockTime: Duration, blocks: Int, isTold: Bool = true, trip: Duration = .zero
    ) -> (chokes: Int, shown: Int) {
        let stage = SwarmStage(pieces: 64, seeder: true, rules: .fitting)
        stage.start()
        var effects: SwarmEffects = []
        var asked: [ConnectionID: Int] = [:]
        for number in 1...count {
            effects += stage.knock(UInt64(number)).effects
        }
        var (chokes, shown, sent) = (0, 0, 0)
        var serving: [(ConnectionID, BlockRequest)] = []
        while sent < blocks {
            while !effects.isEmpty {
                switch effects.removeFirst() {
                case .send(let id, .haveAll):
                    // A peer that comes first and alone is shown everything at once.
                    shown += 64
                    effects += stage.receive(.interested, from: id)
                    effects.insert(contentsOf: (0..<48).map { .send(id, .have($0)) }, at: 0)
                    shown -= 48
                case .send(let id, .unchoke): effects += stage.receive(.interested, from: id)
                case .send(_, .choke): chokes += 1
                case .send(let id, .have(let piece)):
                    shown += 1
                    let limit = asked[id, default: 0] + 1
                    guard limit <= 48 else { break }
                    asked[id] = limit
                    if trip > .zero { effects += stage.pass(trip) }
                    for number in 0..<2 {
                        effects += stage.receive(.request(stage.block(Int(piece), number)), from: id)
                    }
                case .serve(let id, let block): serving.append((id, block))
                default: break
                }
            }
            guard !serving.isEmpty else {
                effects += stage.pass(.seconds(1))
                if stage.now > .zero + .seconds(60) { break }
                continue
            }
            let (id, block) = serving.removeFirst()
            effects += stage.pass(blockTime)
            effects += stage.tell(.blockSent(block, to: id))
            if isTold, block.begin > 0 { effects += stage.receive(.have(block.piece.number), from: id) }
            sent += 1
        }
        return (chokes, shown)
    }

    /// A piece takes a second: each peer is shown one, gets it, and is choked.
    @Test func slowLinesGetTurns() {
        let (chokes, shown) = serve(peers: 12, blockTime: .milliseconds(500), blocks: 16)
        #expect(chokes >= 7)
        #expect(shown <= 64 + 24)
    }

    /// A piece takes 10 ms: once the first has arrived, all peers are shown everything.
    @Test func quickLinesGetSlots() {
        let (chokes, shown) = serve(peers: 12, blockTime: .milliseconds(5), blocks: 40)
        #expect(shown >= 12 * 64 - 40)
        // Twenty pieces are sent: with turns there would be a choke after each.
        #expect(chokes < 16)
    }

    /// A piece takes 100 ms: time enough for turns among neighbours, while far ones would have asked for their piece
    /// only when half of it could have been sent.
    @Test func shortPiecesGetTurnsWhereNeighboursAreNear() {
        let near = serve(peers: 12, blockTime: .milliseconds(50), blocks: 60)
        #expect(near.shown <= 64 + 60)
        #expect(near.chokes >= 25)
        let far = serve(peers: 12, blockTime: .milliseconds(50), blocks: 60, trip: .milliseconds(30))
        #expect(far.shown >= 12 * 64 - 60)
    }

    /// The socket takes a piece in 10 ms, but no peer has announced it: that does not prove a fast line.
    @Test func whatTheSocketTakesHasNotArrived() {
        let (_, shown) = serve(peers: 12, blockTime: .milliseconds(5), blocks: 40, isTold: false)
        #expect(shown < 64 + 64)
    }

    /// Five peers have little to trade: after half a second each of them is shown everything.
    @Test func fewGetSlots() {
        let (_, shown) = serve(peers: 5, blockTime: .milliseconds(500), blocks: 16)
        #expect(shown >= 5 * 64 - 16)
    }

    /// Two seeders that hide their pieces from each other would wait for each other.
    @Test func seedersThatHideKnowEachOther() {
        let stage = SwarmStage(pieces: 64, seeder: true, rules: .fitting)
        stage.start()
        let ours = stage.swarm.extensionHandshake(listenPort: nil)
        // A peer that reads `upload_only` from a seeder that shows no pieces closes the connection.
        #expect(ours.spreads && !ours.isUploadOnly)
        let twin = stage.enter(1, .ours)
        stage.receive(.haveNone, from: twin)
        let leecher = stage.enter(2, .ours)
        stage.receive(.haveNone, from: leecher)
        let effects = stage.tell(.extensionHandshake(ours, from: twin))
        #expect(effects.first == .close(twin, .notUseful))
        #expect(stage.connections.map(\.isChokedByUs) == [false])
        #expect(stage.tell(.extensionHandshake(.init(), from: leecher)) == [])
    }

    /// A peer that fetches nothing and hides nothing says `upload_only`; a seeder that reads it closes the connection.
    @Test func aPeerThatFetchesNothingSaysSo() {
        let seeder = SwarmStage(pieces: 8, seeder: true).swarm.extensionHandshake(listenPort: 1)
        #expect(seeder.isUploadOnly && !seeder.spreads)
        #expect(!SwarmStage(pieces: 8, rules: .fitting).swarm.extensionHandshake(listenPort: 1).isUploadOnly)
        let stage = SwarmStage(pieces: 8, seeder: true)
        stage.start()
        let partial = stage.join(1, .ours, has: [1, 2])
        #expect(
            stage.tell(.extensionHandshake(seeder, from: partial))
                == [.close(partial, .notUseful)])
    }

    /// There is no other peer to which a piece could go instead.
    @Test func aPeerAloneIsShownEverythingAndNeverChoked() {
        let (chokes, shown) = serve(peers: 1, blockTime: .milliseconds(500), blocks: 16)
        #expect(chokes == 0)
        // Each piece once.
        #expect(shown == 64)
    }

    enum Neighbours: CaseIterable {
        case stopAfterAPiece, goOn
        /// Their choke crosses our first request.
        case wereNotAskedInTime
    }

    /// Neighbours that go on from piece to piece give slots, so they get slots. Those that stop after one piece give
    /// turns, so they get turns, as do those that have not shown which they give.
    @Test(arguments: Neighbours.allCases)
    func neighboursDecide(_ neighbours: Neighbours) {
        let stage = SwarmStage(pieces: 400, have: Array(0..<100), rules: .fitting)
        stage.start()
        let peers = (1...14).map { stage.join($0, has: Array(Int($0) * 20..<400)) }
        var chosen = 0
        for peer in peers {
            stage.receive(.interested, from: peer)
            let requests = stage.receive(.unchoke, from: peer).requests(to: peer)
            let first = requests.first?.piece
            if neighbours != .goOn { stage.receive(.choke, from: peer) }
            for block in requests.prefix(4) where neighbours == .goOn || block.piece == first {
                if neighbours == .wereNotAskedInTime {
                    stage.receive(.reject(block), from: peer)
                } else {
                    stage.deliver(block, from: peer)
                }
            }
            chosen += requests.isEmpty ? 0 : 1
        }
        #expect(chosen == peers.count)
        // Blocks leave slowly, since a brain judges its neighbours while it sends.
        for _ in 0..<20 {
            guard let served = stage.connections.first(where: { !$0.isChokedByUs })?.id else {
                stage.pass(.seconds(1))
                continue
            }
            stage.receive(.request(stage.block(0, 0)), from: served)
            stage.pass(.milliseconds(900))
            let block = stage.geometry.block(0, of: stage.geometry.piece(0))
            stage.tell(.blockSent(block, to: served))
        }
        let unchoked = stage.connections.count { !$0.isChokedByUs }
        #expect(neighbours == .goOn ? unchoked >= 4 : unchoked < 4, "\(unchoked)")
    }

    // MARK: What neighbours say of themselves

    /// A leecher that knows of twelve peers, three of which have come, have said what they speak, and want pieces.
    /// Only the first says `rows`.
    private func unchoked(saying rows: [PeerExtension], known: Int = 12) -> Int {
        let stage = SwarmStage(pieces: 100, have: Array(0..<50), rules: .fitting)
        stage.start()
        stage.tell(.peersFound((1...UInt64(known)).map { SwarmStage.endpoint($0) }, from: .tracker))
        var handshake = ExtensionHandshake()
        handshake.ids = ExtensionIDs(ours: rows)
        let peers = (1...3).map { stage.join($0, .ours, has: Array(40..<100)) }
        for (number, peer) in peers.enumerated() {
            stage.tell(.extensionHandshake(number == 0 ? handshake : .init(), from: peer))
        }
        for peer in peers { stage.receive(.interested, from: peer) }
        return stage.connections.count { !$0.isChokedByUs }
    }

    /// One says that it gives turns: so do we, from the first piece on. Where nobody says so, or few are known, slots
    /// are given first.
    @Test func turnsBeginWhereNeighboursSaySo() {
        #expect(unchoked(saying: [.turns]) == 1)
        #expect(unchoked(saying: []) == 3)
        #expect(unchoked(saying: [.exchange]) == 3)
        #expect(unchoked(saying: [.turns], known: 2) == 3)
    }

    /// Who says so and goes on from piece to piece is taken at what it does.
    @Test func whoSaysSoAndDoesOtherwiseIsFoundOut() {
        let stage = SwarmStage(pieces: 100, have: Array(0..<50), rules: .fitting)
        stage.start()
        var handshake = ExtensionHandshake()
        handshake.ids = ExtensionIDs(ours: [.turns])
        let liar = stage.join(1, .ours, has: Array(40..<100))
        for block in stage.receive(.unchoke, from: liar).requests(to: liar).prefix(4) {
            stage.deliver(block, from: liar)
        }
        stage.tell(.peersFound((1...12).map { SwarmStage.endpoint($0) }, from: .tracker))
        stage.tell(.extensionHandshake(handshake, from: liar))
        let others = (2...3).map { stage.join($0, .ours, has: Array(40..<100)) }
        for peer in [liar] + others { stage.receive(.interested, from: peer) }
        #expect(stage.connections.count { !$0.isChokedByUs } == 3)
    }

    /// A brain says so itself where its rules have turns.
    @Test(arguments: [(SwarmRules.fitting, true), (.serial, true), (.slots, false), (.standard, false)])
    func weSayWhetherWeGiveTurns(_ rules: SwarmRules, _ gives: Bool) {
        let ours = SwarmStage(pieces: 8, rules: rules).swarm.extensionHandshake(listenPort: nil)
        #expect(ours.ids.speaks(.turns) == gives)
    }
}
