import SwarmEngine
import Testing
import TorrentCore

/// Turns or slots: a brain finds out which fits.
@Suite struct FittingTests {
    /// Peers come to a seeder and ask for piece after piece while they may; how many chokes each was told.
    private func serve(peers count: Int, blockTime: Duration, blocks: Int) -> (chokes: Int, shown: Int) {
        var bench = Bench(pieces: 64, seeder: true, rules: .fitting)
        bench.start()
        var effects: SwarmEffects = []
        var asked: [ConnectionID: Int] = [:]
        for number in 1...count {
            effects += bench.collect { swarm, now, effects in
                _ = swarm.linkAccepted(
                    from: Bench.endpoint(UInt64(number)), handshake: Bench.handshake(UInt64(number)), at: now,
                    effects: &effects)
            }
        }
        var (chokes, shown, sent) = (0, 0, 0)
        var serving: [(ConnectionID, BlockRequest)] = []
        while sent < blocks {
            while !effects.isEmpty {
                switch effects.removeFirst() {
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
            effects += bench.collect { $0.blockSent(block, to: id, at: $1, effects: &$2) }
            sent += 1
        }
        return (chokes, shown)
    }

    /// A piece takes a second: one after the other is chosen, shown, and ended with a choke.
    @Test func slowLinesGetTurns() {
        let (chokes, shown) = serve(peers: 12, blockTime: .milliseconds(500), blocks: 16)
        #expect(chokes >= 7)
        #expect(shown <= 16)
    }

    /// A piece takes 10 ms: after a tenth of a second everybody has been shown everything.
    @Test func quickLinesGetSlots() {
        let (chokes, shown) = serve(peers: 5, blockTime: .milliseconds(5), blocks: 40)
        #expect(shown >= 5 * 64 - 40)
        #expect(chokes < 12)
    }

    /// There is nobody to whom a piece could go instead.
    @Test func whoIsAloneIsShownEverythingAndNeverChoked() {
        let (chokes, shown) = serve(peers: 1, blockTime: .milliseconds(500), blocks: 16)
        #expect(chokes == 0)
        // The first of them was shown before, alone.
        #expect(shown == 65)
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
        var bench = Bench(pieces: 400, have: Array(0..<100), rules: .fitting)
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
            guard let served = bench.swarm.connectionList(at: bench.now).first(where: { !$0.isChokedByUs })?.id else {
                bench.pass(.seconds(1))
                continue
            }
            bench.receive(.request(bench.block(0, 0)), from: served)
            bench.pass(.milliseconds(900))
            let block = bench.geometry.block(0, of: bench.geometry.piece(0))
            _ = bench.collect { $0.blockSent(block, to: served, at: $1, effects: &$2) }
        }
        let unchoked = bench.swarm.connectionList(at: bench.now).count { !$0.isChokedByUs }
        #expect(neighbours == .goOn ? unchoked >= 4 : unchoked < 4, "\(unchoked)")
    }
}
