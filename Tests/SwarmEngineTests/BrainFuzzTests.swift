import SwarmEngine
import Testing
import TorrentCore

/// Peers that send anything in any order, disks that fail, wrong hashes: the brain never traps, and its effects stay
/// consistent. A recording of such a run can be replayed.
@Suite struct BrainFuzzTests {
    /// What a shell keeps, with checks of the rules that it relies on.
    struct Shell {
        var stage: SwarmStage
        var generator: SplitMix64
        var open: [ConnectionID] = []
        var connecting: [ConnectionID] = []
        var buffers: Set<PieceIndex> = []
        /// Opened by the brain, but there was no memory for their buffers.
        var unopened: [PieceIndex] = []
        var verifying: [PieceIndex] = []
        var attempts: [RejectedAttempt] = []
        var asked: [(ConnectionID, WireBlock)] = []
        var serving: [(ConnectionID, BlockRequest)] = []
        var nextPeer: UInt64 = 1

        mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &generator) }

        mutating func take(_ effects: SwarmEffects) {
            for effect in effects {
                switch effect {
                case .connect(let id, _): connecting.append(id)
                case .close(let id, _):
                    open.removeAll { $0 == id }
                    connecting.removeAll { $0 == id }
                case .send(let id, let message):
                    #expect(open.contains(id), "sent to a peer that is gone")
                    if case .request(let block) = message { asked.append((id, block)) }
                case .serve(let id, let block):
                    #expect(stage.have[block.piece], "served without having it")
                    serving.append((id, block))
                case .openPiece(let piece):
                    #expect(!buffers.contains(piece) && !unopened.contains(piece), "opened twice")
                    if roll(10) == 0 { unopened.append(piece) } else { buffers.insert(piece) }
                case .verifyAndStore(let piece):
                    #expect(buffers.contains(piece))
                    verifying.append(piece)
                case .discardPiece(let piece):
                    if let position = unopened.firstIndex(of: piece) {
                        unopened.remove(at: position)
                    } else {
                        #expect(buffers.remove(piece) != nil, "discarded and not open")
                    }
                default: break
                }
            }
        }

        mutating func anyBlock() -> WireBlock {
            if roll(3) > 0, let ask = asked.randomElement(using: &generator) { return ask.1 }
            let piece = roll(stage.geometry.pieceCount + 1)
            let begin = UInt32(roll(5)) * 8_192
            return WireBlock(piece: UInt32(piece), begin: begin, length: [16_384, 16_384, 5, 200_000][roll(4)])
        }

        mutating func anyMessage() -> PeerMessage {
            switch roll(20) {
            case 0...1: .choke
            case 2...5: .unchoke
            case 6...7: .interested
            case 8: .notInterested
            case 9...10: .have(UInt32(roll(stage.geometry.pieceCount)))
            case 11...13: .request(anyBlock())
            case 14: .cancel(anyBlock())
            case 15: .haveAll
            case 16: .haveNone
            case 17...18: .reject(anyBlock())
            default: .allowedFast(UInt32(roll(stage.geometry.pieceCount)))
            }
        }

        mutating func step() {
            stage.now = stage.now + .milliseconds(roll(40))
            if roll(3) == 0, let piece = unopened.popLast() {
                take(stage.tell(.pieceNotOpened(piece)))
            }
            let peer = open.randomElement(using: &generator)
            switch roll(16) {
            case 0: arrive()
            case 1:
                if let id = connecting.randomElement(using: &generator) { finish(id) }
            case 2:
                let found = [SwarmStage.endpoint(UInt64(roll(30)))]
                take(stage.tell(.peersFound(found, from: .tracker)))
            case 3:
                guard roll(6) == 0, let peer else { return }
                open.removeAll { $0 == peer }
                take(stage.tell(.linkClosed(peer, .networkError)))
            case 4...8:
                if let peer { take(stage.receive(anyMessage(), from: peer)) }
            case 9...12: deliver()
            case 13: decide()
            case 14:
                if let (id, block) = serving.popLast() {
                    take(stage.tell(.blockSent(block, to: id)))
                }
            default: take(stage.pass(.seconds(roll(4) == 0 ? roll(130) : roll(3))))
            }
        }

        private mutating func arrive() {
            nextPeer += 1
            let handshake = SwarmStage.handshake(UInt64(roll(40)) + 1, roll(2) == 0 ? .fast : [])
            let endpoint = SwarmStage.endpoint(nextPeer % 50)
            let (id, effects) = stage.knock(from: endpoint, handshake)
            if let id { open.append(id) }
            take(effects)
            guard let id, roll(2) == 0 else { return }
            var field = Bitfield(count: stage.geometry.pieceCount)
            for piece in 0..<field.count where roll(2) == 0 { field[piece] = true }
            take(stage.bitfield(field, from: id))
        }

        private mutating func finish(_ id: ConnectionID) {
            connecting.removeAll { $0 == id }
            if roll(3) == 0 {
                return take(stage.tell(.linkClosed(id, .connectFailed)))
            }
            open.append(id)
            let handshake = SwarmStage.handshake(UInt64(roll(40)) + 1, .fast)
            take(stage.tell(.linkOpened(id, handshake)))
        }

        private mutating func deliver() {
            guard !asked.isEmpty else { return }
            let (id, block) = asked.remove(at: roll(asked.count))
            let (admission, effects) = stage.admit(block, from: id)
            take(effects)
            switch admission {
            case .refuse: break
            case .discard: take(stage.tell(.blockDiscarded(block, from: id)))
            case .accept(let block) where unopened.contains(block.piece):
                take(stage.tell(.blockDiscarded(block.onWire, from: id)))
            case .accept(let block):
                #expect(buffers.contains(block.piece) && !verifying.contains(block.piece), "no buffer for it")
                // Now and then the link breaks in the middle of a block.
                if roll(20) == 0 {
                    open.removeAll { $0 == id }
                    return take(stage.tell(.linkClosed(id, .networkError)))
                }
                take(stage.tell(.blockArrived(block, from: id)))
            }
        }

        private mutating func decide() {
            guard !verifying.isEmpty else { return }
            let piece = verifying.remove(at: roll(verifying.count))
            buffers.remove(piece)
            switch roll(6) {
            case 0: take(stage.tell(.pieceStoreFailed(piece)))
            case 1...2:
                let (attempt, effects) = stage.reject(piece)
                if let attempt { attempts.append(attempt) }
                take(effects)
            default:
                take(stage.store(piece))
                if roll(8) == 0, let attempt = attempts.randomElement(using: &generator) {
                    take(stage.tell(.blocksDiffered([0, 5], of: piece, in: attempt)))
                }
            }
        }
    }

    @Test(arguments: Array(UInt64(1)...24))
    func anythingGoes(seed: UInt64) throws {
        let stage = SwarmStage(
            pieces: 40, pieceLength: 49_152, have: seed % 3 == 0 ? [0, 1, 2] : [], seeder: seed % 12 == 5, tiers: [1],
            rules: [SwarmRules.slots, .fitting, .serial, .fitting][Int(seed / 2 % 4)],
            adapt: {
                $0.openBytes = seed % 2 == 0 ? 1 : 400_000
                $0.connections = 8
                $0.queuedRequests = 30
            })
        var shell = Shell(stage: stage, generator: SplitMix64(seed: seed))
        shell.take(shell.stage.start())
        for _ in 0..<2_500 { shell.step() }
        #expect(shell.buffers.count <= max(2, seed % 2 == 0 ? 2 : 8))
        shell.take(shell.stage.tell(.stop))
        #expect(shell.open.isEmpty && shell.connecting.isEmpty)
        #expect(shell.buffers.count == shell.verifying.count)
        var replay = try Replay(shell.stage.recorded)
        #expect(try replay.firstDifference() == nil)
        #expect(replay.inputsAlike > 1_000)
    }
}
