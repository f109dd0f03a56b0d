package import SwarmEngine
package import TorrentCore

/// Peers of a seed under test that ask for whatever they are shown and want, and what the seed's line has sent them.
package final class Takers {
    private let stage: SwarmStage
    /// How long a block takes on the line.
    private let blockTime: Duration
    private var effects: SwarmEffects = []
    private var line: [(id: ConnectionID, block: BlockRequest)] = []
    private var peers: [ConnectionID: Taker] = [:]
    /// In the order in which they came.
    private var order: [ConnectionID] = []
    package private(set) var chokes = 0
    /// Blocks that have left.
    package private(set) var sent = 0
    /// All effects so far that are no messages to a peer.
    package private(set) var others: SwarmEffects = []

    /// What one of them does, and how far it is.
    package struct Taker {
        /// It wants these pieces alone; nil: all.
        package var wants: Set<UInt32>?
        /// It announces what it has got.
        package var announces = true
        package fileprivate(set) var shown: [UInt32] = []
        /// The pieces that it got from the seed, in that order.
        package fileprivate(set) var got: [UInt32] = []
        fileprivate var isFast = true
        fileprivate var isUnchoked = false
        fileprivate var asked: Set<WireBlock> = []
        fileprivate var arrived: Set<WireBlock> = []

        package init() {}

        fileprivate func takes(_ piece: UInt32) -> Bool { wants?.contains(piece) ?? true }
    }

    package init(_ stage: SwarmStage, blockTime: Duration = .milliseconds(200)) {
        self.stage = stage
        self.blockTime = blockTime
        effects += stage.start()
    }

    package subscript(id: ConnectionID) -> Taker { peers[id] ?? Taker() }

    /// Peer `number` comes and has nothing.
    @discardableResult
    package func add(_ number: UInt64, _ reserved: ReservedBits = .fast, _ taker: Taker = Taker()) -> ConnectionID {
        let (id, effects) = stage.knock(number, reserved)
        guard let id else { preconditionFailure("peer \(number) was not let in") }
        var taker = taker
        taker.isFast = reserved.contains(.fast)
        peers[id] = taker
        order.append(id)
        self.effects += effects
        if taker.isFast { self.effects += stage.receive(.haveNone, from: id) }
        return id
    }

    /// Its connection ends.
    package func remove(_ id: ConnectionID) {
        peers[id] = nil
        order.removeAll { $0 == id }
        effects += stage.tell(.linkClosed(id, .remoteClosed))
    }

    /// A peer announces a piece that it got from somebody else.
    package func receives(_ piece: UInt32, _ id: ConnectionID) { effects += stage.receive(.have(piece), from: id) }

    package func add(_ effects: SwarmEffects) { self.effects += effects }

    /// Everybody plays until `isOver` or for so long. True if it is over.
    @discardableResult
    package func play(for time: Duration, until isOver: () -> Bool = { false }) -> Bool {
        let end = stage.now + time
        while !isOver() {
            if !effects.isEmpty {
                react(to: effects.removeFirst())
            } else if !line.isEmpty {
                let (id, block) = line.removeFirst()
                effects += stage.pass(blockTime)
                arrived(block, at: id)
            } else {
                guard stage.now < end else { return false }
                effects += stage.pass(.milliseconds(50))
            }
            if stage.now >= end, effects.isEmpty { return isOver() }
        }
        return true
    }

    private func arrived(_ block: BlockRequest, at id: ConnectionID) {
        sent += 1
        effects += stage.tell(.blockSent(block, to: id))
        guard var peer = peers[id] else { return }
        let piece = block.piece.number
        peer.arrived.insert(block.onWire)
        let isWhole = peer.arrived.count { $0.piece == piece } == stage.geometry.blockCount(of: block.piece)
        let isNew = isWhole && !peer.got.contains(piece)
        if isNew { peer.got.append(piece) }
        peers[id] = peer
        if isNew, peer.announces { effects += stage.receive(.have(piece), from: id) }
    }

    private func react(to effect: SwarmEffect) {
        guard case .send(let id, let message) = effect else {
            if case .serve(let id, let block) = effect { line.append((id, block)) } else { others.append(effect) }
            return
        }
        guard var peer = peers[id] else { return }
        switch message {
        case .have(let piece):
            peer.shown.append(piece)
            peers[id] = peer
            if peer.takes(piece) { effects += stage.receive(.interested, from: id) }
        case .haveAll:
            peer.shown = (0..<stage.geometry.pieceCount).map { UInt32($0) }
            peers[id] = peer
            effects += stage.receive(.interested, from: id)
        case .unchoke: peer.isUnchoked = true
        case .choke:
            chokes += 1
            peer.isUnchoked = false
            if !peer.isFast { peer.asked = [] }
        case .reject(let block): peer.asked.remove(block)
        default: return
        }
        peers[id] = peer
        ask(id)
    }

    private func ask(_ id: ConnectionID) {
        guard let peer = peers[id], peer.isUnchoked else { return }
        for piece in peer.shown where peer.takes(piece) && !peer.got.contains(piece) {
            for number in 0..<stage.geometry.blockCount(of: stage.geometry.piece(Int(piece))) {
                let block = stage.block(Int(piece), number)
                guard peers[id]?.isUnchoked == true, peers[id]?.arrived.contains(block) == false,
                    peers[id]?.asked.insert(block).inserted == true
                else { continue }
                effects += stage.receive(.request(block), from: id)
            }
        }
    }
}
