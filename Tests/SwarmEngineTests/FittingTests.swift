import SwarmEngine
import Testing
import TorrentCore

/// Turns or slots: a brain finds out which fits.
@Suite struct FittingTests {
    /// Peers come to a seeder and ask for piece after piece while they may; how many chokes they were told, and how
    /// many pieces they were shown. `isTold`: they say what they have got as soon as it has left.
    private func serve(
        peers count: Int, blockTime: Duration, blocks: Int, isTold: Bool = true
    ) -> (chokes: Int, shown: Int) {
        let bench = Bench(pieces: 64, seeder: true, rules: .fitting)
        bench.start()
        var effects: SwarmEffects = []
        var asked: [ConnectionID: Int] = [:]
        for number in 1...count {
            effects += bench.knock(UInt64(number)).effects
        }
        var (chokes, shown, sent) = (0, 0, 0)
        var serving: [(ConnectionID, BlockRequest)] = []
        while sent < blocks {
            while !effects.isEmpty {
                switch effects.removeFirst() {
                case .send(let id, .haveAll):
                    // Who came first, alone, was shown everything at once.
                    shown += 64
                    effects += bench.receive(.interested, from: id)
                    effects.insert(contentsOf: (0..<48).map { .send(id, .have($0)) }, at: 0)
                    shown -= 48
                case .send(let id, .unchoke): effects += bench.receive(.interested, from: id)
                case .send(_, .choke): chokes += 1
                case .send(let id, .have(let piece)):
                    shown += 1
                    let limit = asked[id, default: 0] + 1
                    guard limit <= 48 else { break }
                    asked[id] = limit
                    for number in 0..<2 {
                        effects += bench.receive(.request(bench.block(Int(piece), number)), from: id)
                    }
                case .serve(let id, let block): serving.append((id, block))
                default: break
                }
            }
            guard !serving.isEmpty else {
                effects += bench.pass(.seconds(1))
                if bench.now > .zero + .seconds(60) { break }
                continue
            }
            let (id, block) = serving.removeFirst()
            effects += bench.pass(blockTime)
            effects += bench.tell(.blockSent(block, to: id))
            if isTold, block.begin > 0 { effects += bench.receive(.have(block.piece.number), from: id) }
            sent += 1
        }
        return (chokes, shown)
    }

    /// A piece takes a second: one after the other is chosen, shown, and ended with a choke.
    @Test func slowLinesGetTurns() {
        let (chokes, shown) = serve(peers: 12, blockTime: .milliseconds(500), blocks: 16)
        #expect(chokes >= 7)
        #expect(shown <= 64 + 24)
    }

    /// A piece takes 10 ms: with the first that has come everybody is shown everything.
    @Test func quickLinesGetSlots() {
        let (chokes, shown) = serve(peers: 12, blockTime: .milliseconds(5), blocks: 40)
        #expect(shown >= 12 * 64 - 40)
        // Twenty pieces leave: turns would choke after each.
        #expect(chokes < 16)
    }

    /// The socket takes a piece in 10 ms, and nobody has said that it has come: that is no quick line yet.
    @Test func whatTheSocketTakesIsNotThere() {
        let (_, shown) = serve(peers: 12, blockTime: .milliseconds(5), blocks: 40, isTold: false)
        #expect(shown < 64 + 64)
    }

    /// Five have little to trade: after half a second each of them is shown everything.
    @Test func fewGetSlots() {
        let (_, shown) = serve(peers: 5, blockTime: .milliseconds(500), blocks: 16)
        #expect(shown >= 5 * 64 - 16)
    }

    /// Two that hide their pieces from each other would wait for each other.
    @Test func seedersThatHideKnowEachOther() {
        let bench = Bench(pieces: 64, seeder: true, rules: .fitting)
        bench.start()
        let ours = bench.swarm.extensionHandshake(listenPort: nil)
        // Who hears of `upload_only` from somebody with nothing to give hangs up.
        #expect(ours.spreads && !ours.isUploadOnly)
        let twin = bench.enter(1, .ours)
        bench.receive(.haveNone, from: twin)
        let leecher = bench.enter(2, .ours)
        bench.receive(.haveNone, from: leecher)
        let effects = bench.tell(.extensionHandshake(ours, from: twin))
        #expect(effects.first == .close(twin, .notUseful))
        #expect(bench.connections.map(\.isChokedByUs) == [false])
        #expect(bench.tell(.extensionHandshake(.init(), from: leecher)) == [])
    }

    /// Who shows all that it has says `upload_only` when it will fetch nothing, and is left by a seeder that hears it.
    @Test func whoFetchesNothingSaysSo() {
        let seeder = Bench(pieces: 8, seeder: true).swarm.extensionHandshake(listenPort: 1)
        #expect(seeder.isUploadOnly && !seeder.spreads)
        #expect(!Bench(pieces: 8, rules: .fitting).swarm.extensionHandshake(listenPort: 1).isUploadOnly)
        let bench = Bench(pieces: 8, seeder: true)
        bench.start()
        let partial = bench.join(1, .ours, has: [1, 2])
        #expect(
            bench.tell(.extensionHandshake(seeder, from: partial))
                == [.close(partial, .notUseful)])
    }

    /// There is nobody to whom a piece could go instead.
    @Test func whoIsAloneIsShownEverythingAndNeverChoked() {
        let (chokes, shown) = serve(peers: 1, blockTime: .milliseconds(500), blocks: 16)
        #expect(chokes == 0)
        // Each of them once.
        #expect(shown == 64)
    }

    enum Neighbours: CaseIterable {
        case stopAfterAPiece, goOn
        /// Its choke crosses our first request.
        case wereNotAskedInTime
    }

    /// Neighbours that go on from piece to piece, as those with slots do, get slots; those that stop after one piece
    /// get turns, and those of whom it is not known do.
    @Test(arguments: Neighbours.allCases)
    func neighboursDecide(_ neighbours: Neighbours) {
        let bench = Bench(pieces: 400, have: Array(0..<100), rules: .fitting)
        bench.start()
        let peers = (1...14).map { bench.join($0, has: Array(Int($0) * 20..<400)) }
        var chosen = 0
        for peer in peers {
            bench.receive(.interested, from: peer)
            let requests = bench.receive(.unchoke, from: peer).requests(to: peer)
            let first = requests.first?.piece
            if neighbours != .goOn { bench.receive(.choke, from: peer) }
            for block in requests.prefix(4) where neighbours == .goOn || block.piece == first {
                if neighbours == .wereNotAskedInTime {
                    bench.receive(.reject(block), from: peer)
                } else {
                    bench.deliver(block, from: peer)
                }
            }
            chosen += requests.isEmpty ? 0 : 1
        }
        #expect(chosen == peers.count)
        // Something leaves, slowly: a brain looks around while it sends.
        for _ in 0..<20 {
            guard let served = bench.connections.first(where: { !$0.isChokedByUs })?.id else {
                bench.pass(.seconds(1))
                continue
            }
            bench.receive(.request(bench.block(0, 0)), from: served)
            bench.pass(.milliseconds(900))
            let block = bench.geometry.block(0, of: bench.geometry.piece(0))
            bench.tell(.blockSent(block, to: served))
        }
        let unchoked = bench.connections.count { !$0.isChokedByUs }
        #expect(neighbours == .goOn ? unchoked >= 4 : unchoked < 4, "\(unchoked)")
    }
}
