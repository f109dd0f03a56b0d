import SwarmEngine
import TorrentCore

/// A swarm on the bench: verbs without the repetition, and the effects of each as an array to compare.
final class Bench {
    var swarm: Swarm
    var now = Moment.zero
    let geometry: TorrentGeometry

    static let ourID = id(100)
    static let infoHash = InfoHash(Bytes20(high: 7, middle: 7, low: 7))

    /// Pieces of two blocks, unless said otherwise.
    init(
        pieces: Int = 8, pieceLength: Int = 32_768, have: [Int] = [], seeder: Bool = false, tiers: [Int] = [],
        isPrivate: Bool = false, rules: SwarmRules = SwarmRules(), adapt: (inout SwarmLimits) -> Void = { _ in }
    ) {
        let total = Int64(pieces * pieceLength)
        guard let geometry = TorrentGeometry(totalLength: total, pieceLength: pieceLength) else {
            preconditionFailure("a torrent has a payload")
        }
        self.geometry = geometry
        var field = Bitfield(count: pieces, filled: seeder)
        for piece in have { field[piece] = true }
        var configuration = SwarmConfiguration(
            geometry: geometry, infoHash: Self.infoHash, ourID: Self.ourID, have: field, seed: 1)
        configuration.trackerTiers = tiers
        configuration.isPrivate = isPrivate
        configuration.rules = rules
        adapt(&configuration.limits)
        swarm = Swarm(configuration, at: .zero)
    }

    static func id(_ number: UInt64) -> PeerID { PeerID(Bytes20(high: number, middle: 0, low: 0)) }
    static func endpoint(_ number: UInt64) -> Endpoint {
        Endpoint(.v4(0x0800_0000 + UInt32(number) * 65_536), port: 6_881)
    }
    static func handshake(_ number: UInt64, _ reserved: ReservedBits = .fast) -> Handshake {
        Handshake(infoHash: infoHash, peerID: id(number), reserved: reserved)
    }

    func collect(_ verb: (inout Swarm, Moment, inout SwarmEffects) -> Void) -> SwarmEffects {
        var effects: SwarmEffects = []
        verb(&swarm, now, &effects)
        return effects
    }

    // What is looked at: not the swarm itself, which has one owner and cannot be handed to a macro.
    var have: Bitfield { swarm.have }
    var isComplete: Bool { swarm.isComplete }
    var nextDeadline: Moment { swarm.nextDeadline }
    var figures: SwarmFigures { swarm.figures(at: now) }
    var connections: [ConnectionFigures] { swarm.connectionList(at: now) }

    func remembers(_ attempt: RejectedAttempt) -> Bool { swarm.remembers(attempt) }

    @discardableResult
    func start() -> SwarmEffects { collect { $0.start(at: $1, effects: &$2) } }

    /// Lets time pass, with every deadline kept on the way.
    @discardableResult
    func pass(_ duration: Duration) -> SwarmEffects {
        let end = now + duration
        var effects: SwarmEffects = []
        var turns = 0
        while swarm.nextDeadline <= end {
            now = max(now, swarm.nextDeadline)
            effects += collect { $0.deadlineReached(at: $1, effects: &$2) }
            turns += 1
            precondition(turns < 10_000, "deadlines without end")
        }
        now = end
        return effects
    }

    /// Peer `number` comes to us and has said nothing yet.
    func enter(_ number: UInt64, _ reserved: ReservedBits = .fast) -> ConnectionID {
        guard let id = accept(number, reserved) else { preconditionFailure("peer \(number) was not let in") }
        return id
    }

    /// The same for one who may be refused; what is said to it is dropped.
    func accept(_ number: UInt64, _ reserved: ReservedBits = .fast) -> ConnectionID? {
        var id: ConnectionID?
        _ = collect {
            id = $0.linkAccepted(
                from: Self.endpoint(number), handshake: Self.handshake(number, reserved), at: $1, effects: &$2)
        }
        return id
    }

    /// The same, and it has everything, or these pieces.
    func join(_ number: UInt64, _ reserved: ReservedBits = .fast, has pieces: [Int]? = nil) -> ConnectionID {
        let id = enter(number, reserved)
        var field = Bitfield(count: geometry.pieceCount, filled: pieces == nil)
        for piece in pieces ?? [] { field[piece] = true }
        bitfield(field, from: id)
        return id
    }

    @discardableResult
    func bitfield(_ field: Bitfield, from id: ConnectionID) -> SwarmEffects {
        let wire = field.wire
        return collect { swarm, now, effects in
            wire.withBytes { swarm.receivedBitfield($0, from: id, at: now, effects: &effects) }
        }
    }

    @discardableResult
    func receive(_ message: PeerMessage, from id: ConnectionID) -> SwarmEffects {
        collect { $0.received(message, from: id, at: $1, effects: &$2) }
    }

    /// A block arrives whole, if it is let in.
    @discardableResult
    func deliver(_ block: WireBlock, from id: ConnectionID) -> SwarmEffects {
        collect { swarm, now, effects in
            switch swarm.admit(block, from: id, at: now, effects: &effects) {
            case .accept(let block): swarm.blockArrived(block, from: id, at: now, effects: &effects)
            case .discard: swarm.blockDiscarded(block, from: id, at: now, effects: &effects)
            case .refuse: break
            }
        }
    }

    @discardableResult
    func store(_ piece: PieceIndex) -> SwarmEffects { collect { $0.pieceStored(piece, at: $1, effects: &$2) } }

    func block(_ piece: Int, _ number: Int) -> WireBlock { geometry.block(number, of: geometry.piece(piece)).onWire }
}

extension SwarmEffects {
    /// What is said to one peer.
    func said(to id: ConnectionID) -> [PeerMessage] {
        compactMap {
            if case .send(id, let message) = $0 { message } else { nil }
        }
    }

    func requests(to id: ConnectionID) -> [WireBlock] {
        said(to: id).compactMap {
            if case .request(let block) = $0 { block } else { nil }
        }
    }

    var announces: [SwarmEffect] {
        filter {
            if case .announce = $0 { true } else { false }
        }
    }
}
