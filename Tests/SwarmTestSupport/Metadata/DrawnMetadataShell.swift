import SwarmEngine
import TorrentCore

/// A shell without metadata whose world is drawn: peers that say and send anything in any order. It keeps what a shell
/// keeps, says to the brain only what a shell may say, and notes where the brain breaks its side of the contract.
package struct DrawnMetadataShell {
    package let stage: MetadataStage
    /// What the brain did that it must not, in the order it was found.
    package private(set) var faults: [String] = []
    /// All that the brain was told and asked, once the end has come.
    package private(set) var recorded: [UInt8] = []
    private var chance: Chance
    private var open: [ConnectionID] = []
    private var connecting: [ConnectionID] = []
    private var asked: [(id: ConnectionID, piece: UInt32)] = []
    private var verifying: [MetadataAssembly.ID] = []
    private var announcing: [TrackerIndex] = []
    private let blocks: Int
    /// Closed by the effects that are carried out now.
    private var closing: [ConnectionID] = []
    /// Another brain has taken over.
    private var hasPieces = false
    /// Parts of memory that it may use, where other torrents share it, and whether it has asked for more.
    private var allowed: Int?
    private var wantsMemory = false

    /// `settings`: how much metadata there is, how many connections, and whether memory is shared.
    package init(settings: Int, _ chance: Chance) {
        self.chance = chance
        blocks = [1, 2, 5, 30][settings % 4]
        stage = MetadataStage(blocks: blocks, tiers: [1], metadataLimit: 1 << 20) {
            $0.connections = settings / 4 % 4 * 3 + 3
            $0.knownPeers = 20
        }
        allowed = settings / 16 % 2 == 1 ? 0 : nil
    }

    /// Everything that was to be drawn has been.
    package var isOutOfChance: Bool { chance.isExhausted }

    package mutating func begin() {
        if let allowed { take(stage.tell(.mayOpen(Int32(allowed)))) }
        take(stage.start())
    }

    /// Stops the brain.
    package mutating func end() {
        take(stage.tell(.stop))
        expect(open.isEmpty && connecting.isEmpty, "a connection outlives the end")
        expect(stage.kept.keys.allSatisfy { $0 == stage.verified?.number }, "bytes outlive the end")
        expect(stage.nextDeadline == .distantFuture, "it wants to be woken after the end")
        for id in verifying { take(stage.verify(id)) }
        recorded = stage.recorded
        faults += stage.faults
    }

    /// The brain of a torrent takes over, whatever torrent that is.
    package mutating func promote() {
        let known = stage.connections.map(\.id)
        let (torrent, effects) = stage.promote(pieces: 40)
        hasPieces = true
        take(effects.filter { if case .announce = $0 { false } else { true } })
        let closed = effects.closed.count { known.contains($0) }
        expect(torrent.connections.count + closed == known.count, "a peer was lost")
        expect(torrent.connections.map(\.id) == open.filter(known.contains), "others are connected than before")
        expect(stage.kept.keys.allSatisfy { $0 == stage.verified?.number }, "bytes outlive the end")
        take(torrent.pass(.seconds(300)))
        take(torrent.tell(.stop))
        recorded = torrent.recorded
        expect(open.isEmpty && connecting.isEmpty, "a connection outlives the end")
        faults += stage.faults
    }

    /// One thing happens, or some time passes.
    package mutating func step() {
        stage.now = stage.now + .milliseconds(roll(40))
        let peer = chance.element(of: open)
        switch roll(20) {
        case 0: arrive()
        case 1: if let id = chance.element(of: connecting) { finish(id) }
        case 2: take(stage.tell(.peersFound([SwarmStage.endpoint(UInt64(roll(30)))], from: .tracker)))
        case 3: if roll(4) == 0, let peer { leave(peer) }
        case 4...5: if let peer { introduce(peer) }
        case 6...10: deliver()
        case 11: if let peer { say(to: peer) }
        case 12: if let peer { take(stage.receive(anyMetadataMessage(), from: peer)) }
        case 13: if let peer { take(stage.deliver(UInt32(roll(blocks + 1)), from: peer).effects) }
        case 14: decide()
        case 15: answer()
        case 17: allowMemory()
        case 18: if roll(3) == 0 { giveBackMemory() }
        case 16: if roll(6) == 0 { take(stage.tell(.connectionsLimited(Int32(roll(12))))) }
        default: take(stage.pass(.seconds(roll(4) == 0 ? roll(130) : roll(8))))
        }
        expect(stage.kept.count <= 3, "\(stage.kept.count) assemblies are kept")
        if let allowed { expect(stage.memory.inUse <= allowed, "it uses \(stage.memory.inUse) parts of \(allowed)") }
        expect(stage.keptBytes <= 3 * ((1 << 20) + MetadataMessage.blockBytes), "too much is kept")
    }

    // MARK: What the brain says

    private mutating func expect(_ isRight: Bool, _ fault: String) {
        if !isRight { faults.append(fault) }
    }

    private mutating func take(_ effects: SwarmEffects) {
        closing = effects.closed
        for effect in effects { take(effect) }
    }

    private mutating func take(_ effect: SwarmEffect) {
        switch effect {
        case .connect(let id, _):
            expect(!open.contains(id) && !connecting.contains(id), "an id is given twice")
            connecting.append(id)
        case .close(let id, _):
            expect(open.contains(id) || connecting.contains(id), "a connection is closed that is gone")
            open.removeAll { $0 == id }
            connecting.removeAll { $0 == id }
            asked.removeAll { $0.id == id }
        case .send(let id, _): expect(open.contains(id), "sent to a peer that is gone")
        case .sendExtension(let id, let output):
            expect(open.contains(id), "sent to a peer that is gone")
            if case .metadataRequest(let piece) = output {
                expect(stage.verified == nil, "asked for what is there")
                let isSaid = stage.encoded(output, for: id) != nil
                expect(isSaid || hasPieces || closing.contains(id), "asked of one who does not speak it")
                asked.append((id, piece))
            }
            if case .metadataData = output { expect(stage.verified != nil, "given without having it") }
        case .verifyMetadata(let id):
            expect(stage.isWhole(id) && !verifying.contains(id), "to be verified and not whole, or twice")
            verifying.append(id)
        case .dropMetadata(let id):
            let isOver = stage.verified != nil || !stage.isRunning
            expect(isOver || !verifying.contains(id), "dropped while it is hashed")
        case .announce(let tracker, let event, _): if event != .stopped { announcing.append(tracker) }
        case .metadataLiar, .starved, .leftOut: break
        case .wantMemory where !hasPieces:
            expect(allowed != nil && !wantsMemory, "it asks for memory twice, or where there is enough")
            wantsMemory = true
        case .sendBitfield, .serve, .openPiece, .verifyAndStore, .discardPiece, .forgetSlot, .wantMemory, .completed,
            .banned, .showsEverything:
            expect(hasPieces, "there are no pieces")
        }
    }

    // MARK: What the world does

    private mutating func roll(_ sides: Int) -> Int { chance.roll(sides) }

    private mutating func arrive() {
        let (id, effects) = stage.knock(UInt64(roll(40)) + 1, roll(5) == 0 ? .fast : .ours)
        if let id { open.append(id) }
        take(effects)
    }

    private mutating func finish(_ id: ConnectionID) {
        connecting.removeAll { $0 == id }
        if roll(3) == 0 {
            return take(stage.tell(.linkClosed(id, .connectFailed)))
        }
        open.append(id)
        take(stage.tell(.linkOpened(id, SwarmStage.handshake(UInt64(roll(40)) + 1, .ours))))
    }

    private mutating func leave(_ id: ConnectionID) {
        open.removeAll { $0 == id }
        asked.removeAll { $0.id == id }
        take(stage.tell(.linkClosed(id, .networkError)))
    }

    /// Its extension handshake: mostly with the right size.
    private mutating func introduce(_ peer: ConnectionID) {
        let right = stage.size
        let size: Int? = [right, right, right, nil, right + 1, roll(1 << 16), 1 << 21, 0][roll(8)]
        var handshake = MetadataStage.offer(size)
        if roll(8) == 0 { handshake.ids[.metadata] = 0 }
        if roll(3) == 0 { handshake.listenPort = UInt16(roll(9)) + 1 }
        take(stage.tell(.extensionHandshake(handshake, from: peer)))
    }

    /// What was asked for comes, in order or not, right or wrong, or is rejected.
    private mutating func deliver() {
        guard !asked.isEmpty else { return }
        let (id, piece) = asked.remove(at: roll(4) == 0 ? roll(asked.count) : 0)
        switch roll(12) {
        case 0: take(stage.receive(.reject(piece: piece), from: id))
        case 1: break
        case 2: take(stage.deliver(piece, from: id, content: UInt64(roll(3))).effects)
        case 3: take(stage.deliver(piece, from: id, size: roll(1 << 16) + 1, length: roll(20_000)).effects)
        default: take(stage.deliver(piece, from: id).effects)
        }
    }

    private mutating func anyMetadataMessage() -> MetadataMessage {
        switch roll(4) {
        case 0: .request(piece: UInt32(roll(blocks + 1)))
        case 1: .reject(piece: UInt32(roll(blocks + 1)))
        case 2: .unknown
        default: .data(piece: 0, totalSize: 1, length: 1)
        }
    }

    private mutating func say(to peer: ConnectionID) {
        switch roll(11) {
        case 0: take(stage.receive(.haveAll, from: peer))
        case 1: take(stage.receive(.have(UInt32(roll(50))), from: peer))
        case 2: take(stage.receive(.unchoke, from: peer))
        case 3: take(stage.receive(.interested, from: peer))
        case 4: take(stage.receive(.request(WireBlock(piece: 0, begin: 0, length: 5)), from: peer))
        case 5: take(stage.tell(.bitfield((0..<5).map { _ in UInt8(roll(256)) }, from: peer)))
        case 6: take(stage.receive(.allowedFast(UInt32(roll(50))), from: peer))
        case 7: take(stage.tell(.extended(.lacks(UInt32(roll(50))), from: peer)))
        case 8: take(stage.receive(.choke, from: peer))
        case 9: take(stage.receive(.haveNone, from: peer))
        default: take(stage.receive(.keepAlive, from: peer))
        }
    }

    private mutating func allowMemory() {
        guard let before = allowed, wantsMemory else { return }
        wantsMemory = false
        let now = before + roll(3)
        allowed = now
        take(stage.tell(.mayOpen(Int32(now))))
    }

    /// Others wait for it, or it is of no use any more.
    private mutating func giveBackMemory() {
        guard let before = allowed else { return }
        wantsMemory = false
        if roll(2) == 0 {
            let now = min(before, stage.memory.ofUse)
            allowed = now
            take(stage.tell(.mayOpen(Int32(now))))
        } else {
            take(stage.tell(.memoryIsWanted))
            allowed = min(before, stage.memory.inUse)
        }
    }

    private mutating func decide() {
        guard !verifying.isEmpty else { return }
        take(stage.verify(verifying.remove(at: roll(verifying.count))))
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
