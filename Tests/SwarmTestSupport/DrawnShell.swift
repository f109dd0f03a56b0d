import SwarmEngine
import TorrentCore

/// A shell whose world is drawn: peers that send anything in any order, disks that fail, wrong hashes. It keeps what a
/// shell keeps, says to the brain only what a shell may say, and notes where the brain breaks its side of the contract.
package struct DrawnShell {
    package var stage: SwarmStage
    /// What the brain did that it must not, in the order it was found.
    package private(set) var faults: [String] = []
    private var chance: Chance
    private var open: [ConnectionID] = []
    private var connecting: [ConnectionID] = []
    private var buffers: Set<PieceIndex> = []
    /// Opened by the brain, but there was no memory for their buffers.
    private var unopened: [PieceIndex] = []
    private var verifying: [PieceIndex] = []
    /// How many may be open; asked for more since.
    private var mostAllowed = Int.max
    private var wantsMemory = false
    private var sharesMemory = false
    private var attempts: [RejectedAttempt] = []
    private var asked: [(ConnectionID, WireBlock)] = []
    /// Blocks that have begun to arrive, and where their bytes go; nil if nowhere.
    private var arriving: [ConnectionID: (wire: WireBlock, slot: BlockRequest?)] = [:]
    private var serving: [(ConnectionID, BlockRequest)] = []
    private var announcing: [TrackerIndex] = []
    /// Addresses that the brain was told by somebody who may know them; all others of the world it may know, too.
    private var plausible: Set<Endpoint> = []
    private var nextPeer: UInt64 = 1
    /// What is told and served under the extension protocol.
    private var extended = DrawnExtensions()
    private let mostBuffers: Int

    /// `settings`: what we have, by which rules we give, how much may be open, whether the torrent is private.
    package init(settings: Int, _ chance: Chance) {
        self.chance = chance
        mostBuffers = settings % 2 == 0 ? 2 : 8
        stage = SwarmStage(
            pieces: 40, pieceLength: 49_152, have: settings % 3 == 0 ? [0, 1, 2] : [], seeder: settings % 12 == 5,
            tiers: [1], isPrivate: settings / 32 % 4 == 3,
            rules: [SwarmRules.slots, .fitting, .serial, .fitting][settings / 2 % 4], listenPort: 6_881,
            adapt: {
                $0.openBytes = settings % 2 == 0 ? 1 : 400_000
                $0.connections = 8
                $0.queuedRequests = 30
            },
            configure: {
                $0.rules.exchangesPeers = settings % 5 != 4
                // Every other of those that begin with everything.
                $0.rules.superSeeds = settings % 24 == 17
                $0.metadataBytes = settings % 7 > 2 ? 40_000 : 0
            })
    }

    /// Everything that was to be drawn has been.
    package var isOutOfChance: Bool { chance.isExhausted }

    package mutating func begin() { take(stage.start()) }

    /// Stops the brain, and lets the workers say what became of the pieces that they have.
    package mutating func end() {
        expect(buffers.count <= mostBuffers, "\(buffers.count) pieces are open")
        take(stage.tell(.stop))
        expect(open.isEmpty && connecting.isEmpty, "a connection outlives the end")
        expect(buffers.count == verifying.count, "a buffer outlives the end")
        while !verifying.isEmpty { decide() }
    }

    /// One thing happens, or some time passes.
    package mutating func step() {
        stage.now = stage.now + .milliseconds(roll(40))
        if roll(3) == 0, let piece = unopened.popLast() {
            take(stage.tell(.pieceNotOpened(piece)))
        }
        let peer = chance.element(of: open)
        // Nothing else comes over a connection before the block is whole.
        if let peer { finishBlock(from: peer) }
        switch roll(19) {
        case 0: arrive()
        case 1:
            if let id = chance.element(of: connecting) { finish(id) }
        case 2: tellOfPeers()
        case 3:
            guard roll(6) == 0, let peer else { return }
            leave(peer)
        case 4...8:
            if let peer { take(stage.receive(anyMessage(), from: peer)) }
        case 9...12: deliver()
        case 13: decide()
        case 14:
            if let (id, block) = serving.popLast() {
                take(stage.tell(.blockSent(block, to: id)))
            }
        case 15: answer()
        case 16:
            if let peer { sayAtLength(peer) }
            if let id = extended.served() { take(stage.tell(.metadataSent(to: id))) }
        case 17: shareMemory()
        default: pass(.seconds(roll(4) == 0 ? roll(130) : roll(3)))
        }
    }

    /// Deadline by deadline: what an effect means is asked while it is carried out.
    private mutating func pass(_ duration: Duration) {
        let end = stage.now + duration
        while stage.nextDeadline <= end { take(stage.pass(max(.zero, stage.nextDeadline - stage.now))) }
        take(stage.pass(end - stage.now))
    }

    /// Other torrents leave room for more pieces, or fewer, or want some of what is open.
    private mutating func shareMemory() {
        wantsMemory = false
        sharesMemory = true
        guard roll(3) > 0 else {
            return take(stage.tell(.memoryIsWanted))
        }
        mostAllowed = roll(6)
        take(stage.tell(.mayOpen(Int32(mostAllowed))))
    }

    // MARK: What the brain says

    private mutating func expect(_ isRight: Bool, _ fault: String) {
        if !isRight { faults.append(fault) }
    }

    private mutating func take(_ effects: SwarmEffects) {
        for effect in effects { take(effect) }
    }

    private mutating func take(_ effect: SwarmEffect) {
        switch effect {
        case .connect(let id, let endpoint):
            let scope = endpoint.address.scope
            expect(scope != .unusable && endpoint.port != 0, "nobody can be at \(endpoint)")
            expect(scope == .world || plausible.contains(endpoint), "nobody who is there told of \(endpoint)")
            expect(!open.contains(id) && !connecting.contains(id), "an id is given twice")
            connecting.append(id)
        case .close(let id, _):
            extended.forget(id)
            arriving[id] = nil
            expect(open.contains(id) || connecting.contains(id), "a connection is closed that is gone")
            open.removeAll { $0 == id }
            connecting.removeAll { $0 == id }
        case .send(let id, let message):
            expect(open.contains(id), "sent to a peer that is gone")
            if case .request(let block) = message { asked.append((id, block)) }
        case .sendBitfield(let id): expect(open.contains(id), "sent to a peer that is gone")
        case .sendExtension(let id, let output):
            expect(open.contains(id), "sent to a peer that is gone")
            faults += extended.take(output, for: id, on: stage)
        case .serve(let id, let block):
            expect(open.contains(id), "served to a peer that is gone")
            expect(stage.have[block.piece], "served without having it")
            serving.append((id, block))
        case .openPiece(let piece):
            expect(!buffers.contains(piece) && !unopened.contains(piece), "opened twice")
            expect(buffers.count + unopened.count < mostAllowed, "opened and not allowed")
            if roll(10) == 0 { unopened.append(piece) } else { buffers.insert(piece) }
        case .verifyAndStore(let piece):
            expect(buffers.contains(piece) && !verifying.contains(piece), "to be verified without a buffer")
            verifying.append(piece)
        case .discardPiece(let piece):
            if let position = unopened.firstIndex(of: piece) {
                unopened.remove(at: position)
            } else {
                expect(buffers.remove(piece) != nil, "discarded and not open")
            }
            for id in arriving.keys where arriving[id]?.slot?.piece == piece { arriving[id]?.slot = nil }
        case .forgetSlot(let id):
            expect(arriving[id]?.slot != nil, "a slot is to be forgotten that nobody reads into")
            arriving[id]?.slot = nil
        case .wantMemory:
            expect(sharesMemory && !wantsMemory, "memory is wanted that is not shared, or twice")
            wantsMemory = true
        case .announce(let tracker, let event, _):
            // Announces that say `stopped` need no answer.
            if event != .stopped { announcing.append(tracker) }
        case .verifyMetadata, .dropMetadata, .metadataLiar: expect(false, "the metadata is there")
        case .completed: expect(stage.isComplete, "completed, and not complete")
        case .banned, .starved, .leftOut, .showsEverything: break
        }
    }

    // MARK: What the world does

    private mutating func roll(_ sides: Int) -> Int { chance.roll(sides) }

    private mutating func anyBlock() -> WireBlock {
        if roll(3) > 0, let ask = chance.element(of: asked) { return ask.1 }
        let piece = roll(stage.geometry.pieceCount + 1)
        let begin = UInt32(roll(5)) * 8_192
        return WireBlock(piece: UInt32(piece), begin: begin, length: [16_384, 16_384, 5, 200_000][roll(4)])
    }

    private mutating func anyMessage() -> PeerMessage {
        switch roll(22) {
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
        case 19: .suggest(UInt32(roll(stage.geometry.pieceCount + 1)))
        case 20: .keepAlive
        default: .allowedFast(UInt32(roll(stage.geometry.pieceCount)))
        }
    }

    private mutating func arrive() {
        nextPeer += 1
        let reserved: ReservedBits = [.fast, [], .ours, .extended][roll(4)]
        let handshake = SwarmStage.handshake(UInt64(roll(40)) + 1, reserved)
        let endpoint = SwarmStage.endpoint(nextPeer % 50)
        let (id, effects) = stage.knock(from: endpoint, handshake)
        if let id {
            expect(!open.contains(id) && !connecting.contains(id), "an id is given twice")
            open.append(id)
        }
        take(effects)
        guard let id, open.contains(id), roll(2) == 0 else { return }
        var field = Bitfield(count: stage.geometry.pieceCount)
        for piece in 0..<field.count where roll(2) == 0 { field[piece] = true }
        take(stage.bitfield(field, from: id))
    }

    /// A list, perhaps of somebody who means us no good; or somebody says how he sees us.
    private mutating func tellOfPeers() {
        guard roll(8) > 0 else {
            return take(stage.tell(.externalAddress(SwarmStage.endpoint(UInt64(roll(3))).address)))
        }
        let source = PeerSource.allCases[
            roll(2) == 0 ? Int(PeerSource.tracker.rawValue) : roll(PeerSource.allCases.count)]
        let teller = [nil, IPAddress.loopbackV4, .v4(0x0A00_0001), .v4(0x0909_0909)][roll(4)]
        let list = (0..<(roll(4) == 0 ? roll(60) : 1)).map { _ in anyPlace() }
        let mayNameLAN = source == .user || source == .link || teller?.scope.isLocal == true
        let mayNameThisMachine = source == .user || source == .link || teller == .loopbackV4
        for endpoint in list {
            let isNear = endpoint.address.scope == .loopback ? mayNameThisMachine : mayNameLAN
            if isNear { plausible.insert(endpoint) }
        }
        take(stage.tell(.peersFound(list, from: source, by: teller)))
    }

    private mutating func anyPlace() -> Endpoint {
        let low = UInt32(roll(256))
        switch roll(10) {
        case 0: return Endpoint(.v4(0x7F00_0000 | low), port: 6_881)
        case 1: return Endpoint(.v4(0x0A00_0000 | low), port: 6_881)
        case 2: return Endpoint(.v4(0xCB00_7100 | low), port: UInt16(roll(2)) * 80)
        case 3: return Endpoint(.v6(0x2001_0DB8 << 32, UInt64(low)), port: 6_881)
        case 4: return Endpoint([.v4(low), .v4(0xE000_0000 | low), .v4(.max), .anyV6][roll(4)], port: 6_881)
        default: return SwarmStage.endpoint(UInt64(roll(30)))
        }
    }

    private mutating func finish(_ id: ConnectionID) {
        connecting.removeAll { $0 == id }
        if roll(3) == 0 {
            return take(stage.tell(.linkClosed(id, .connectFailed)))
        }
        open.append(id)
        let handshake = SwarmStage.handshake(UInt64(roll(40)) + 1, roll(2) == 0 ? .fast : .ours)
        take(stage.tell(.linkOpened(id, handshake)))
    }

    private mutating func leave(_ id: ConnectionID) {
        open.removeAll { $0 == id }
        extended.forget(id)
        arriving[id] = nil
        take(stage.tell(.linkClosed(id, .networkError)))
    }

    /// A message that has no fixed length, or a wait for one.
    private mutating func sayAtLength(_ peer: ConnectionID) {
        switch roll(8) {
        case 0:
            let bytes = (0..<5).map { _ in UInt8(roll(256)) }
            take(stage.tell(.bitfield(bytes, from: peer)))
        case 1, 2:
            var handshake = ExtensionHandshake()
            handshake.listenPort = roll(2) == 0 ? UInt16(roll(9)) + 1 : nil
            handshake.requestQueue = roll(2) == 0 ? roll(300) + 1 : nil
            handshake.isUploadOnly = roll(4) == 0
            handshake.spreads = roll(4) == 0
            for row in PeerExtension.allCases where roll(3) > 0 {
                handshake.ids[row] = roll(6) == 0 ? 0 : row.rawValue + 50
            }
            take(stage.tell(.extensionHandshake(handshake, from: peer)))
        case 3...6: take(stage.tell(.extended(anyExtended(), from: peer)))
        default: take(stage.tell(.messagesWaited(.milliseconds(roll(2_000)), on: peer)))
        }
    }

    private mutating func anyExtended() -> ExtensionMessage {
        switch roll(8) {
        case 0...1: .metadata(.request(piece: UInt32(roll(4))))
        case 2: .metadata(.data(piece: 0, totalSize: 9, length: roll(20_000)))
        case 3: .metadata(roll(2) == 0 ? .reject(piece: 0) : .unknown)
        case 4...5: .lacks(UInt32(roll(stage.geometry.pieceCount)))
        default:
            .exchange(
                PeerExchange(
                    added: (0..<roll(4)).map { _ in ExchangedPeer(SwarmStage.endpoint(UInt64(roll(60))), [.reachable])
                    },
                    dropped: [SwarmStage.endpoint(UInt64(roll(60)))]))
        }
    }

    private mutating func deliver() {
        guard !asked.isEmpty else { return }
        let (id, block) = asked.remove(at: roll(asked.count))
        finishBlock(from: id)
        let (admission, effects) = stage.admit(block, from: id)
        take(effects)
        switch admission {
        case .refuse: break
        case .discard: take(stage.tell(.blockDiscarded(block, from: id)))
        case .accept(let block) where unopened.contains(block.piece):
            take(stage.tell(.blockDiscarded(block.onWire, from: id)))
        case .accept(let block):
            expect(buffers.contains(block.piece) && !verifying.contains(block.piece), "no buffer for it")
            expect(!arriving.values.contains { $0.slot == block }, "two blocks are read into one place")
            // Now and then the link breaks in the middle of a block, or takes its time.
            switch roll(20) {
            case 0: leave(id)
            case 1...3: arriving[id] = (block.onWire, block)
            default: take(stage.tell(.blockArrived(block, from: id)))
            }
        }
    }

    /// The last byte of the block that comes from this peer, if there is one.
    private mutating func finishBlock(from id: ConnectionID) {
        guard let (wire, slot) = arriving.removeValue(forKey: id) else { return }
        if let slot {
            take(stage.tell(.blockArrived(slot, from: id)))
        } else {
            take(stage.tell(.blockDiscarded(wire, from: id)))
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
            if roll(8) == 0, let attempt = chance.element(of: attempts) {
                take(stage.tell(.blocksDiffered([0, 5], of: piece, in: attempt)))
            }
        }
    }

    private mutating func answer() {
        guard !announcing.isEmpty else { return }
        let tracker = announcing.remove(at: roll(announcing.count))
        let wait = Duration.seconds(roll(1_800) + 1)
        if roll(3) == 0 {
            take(stage.tell(.announceFailed(tracker, retryIn: roll(2) == 0 ? wait : nil, isFinal: roll(4) == 0)))
        } else {
            take(stage.tell(.announceAnswered(tracker, interval: wait, minimum: roll(2) == 0 ? wait : nil)))
        }
    }
}
