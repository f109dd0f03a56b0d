package import SwarmEngine
package import TorrentCore

/// A swarm under test: short functions for its events and questions, each returning the effects as an array.
package final class SwarmStage {
    package var swarm: Swarm
    package var now = Moment.zero
    package let geometry: TorrentGeometry
    private var recording: RecordingWriter

    package static let ourID = id(100)
    package static let infoHash = InfoHash(Bytes20(high: 7, middle: 7, low: 7))

    /// Pieces of two blocks, unless said otherwise.
    package init(
        pieces: Int = 8, pieceLength: Int = 32_768, have: [Int] = [], seeder: Bool = false, tiers: [Int] = [],
        isPrivate: Bool = false, rules: SwarmRules = SwarmRules(), listenPort: UInt16 = 0,
        interfaces: [InterfaceAddress] = [], adapt: (inout SwarmLimits) -> Void = { _ in },
        configure: (inout SwarmConfiguration) -> Void = { _ in }
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
        configuration.listenPort = listenPort
        configuration.interfaces = interfaces
        adapt(&configuration.limits)
        configure(&configuration)
        swarm = Swarm(configuration, at: .zero)
        recording = RecordingWriter(configuration, at: .zero)
    }

    /// A swarm that has begun elsewhere, where it was recorded until now.
    package init(_ swarm: consuming Swarm, _ recording: RecordingWriter, at now: Moment) {
        geometry = swarm.configuration.geometry
        self.recording = recording
        self.now = now
        self.swarm = swarm
    }

    package static func id(_ number: UInt64) -> PeerID { PeerID(Bytes20(high: number, middle: 0, low: 0)) }
    package static func endpoint(_ number: UInt64) -> Endpoint {
        Endpoint(.v4(0x0800_0000 + UInt32(number) * 65_536), port: 6_881)
    }
    package static func handshake(_ number: UInt64, _ reserved: ReservedBits = .fast) -> Handshake {
        Handshake(infoHash: infoHash, peerID: id(number), reserved: reserved)
    }

    /// Of peer `number`, which has another torrent.
    package static func stranger(_ number: UInt64) -> Handshake {
        Handshake(infoHash: InfoHash(Bytes20(high: 1, middle: 1, low: 1)), peerID: id(number))
    }

    /// Gives the swarm an event; returns the effects.
    @discardableResult
    package func tell(_ event: SwarmEvent) -> SwarmEffects { take(.event(event)).effects }

    @discardableResult
    package func tell(_ news: SwarmNews) -> SwarmEffects { take(.news(news)).effects }

    /// A peer connects to us; the id is nil if it is refused.
    package func knock(from endpoint: Endpoint, _ handshake: Handshake) -> (id: ConnectionID?, effects: SwarmEffects) {
        let (answered, effects) = take(.linkAccepted(from: endpoint, handshake, answer: nil))
        if case .linkAccepted(_, _, let id) = answered { return (id, effects) }
        return (nil, effects)
    }

    /// Peer `number` connects to us; the id is nil if it is refused.
    package func knock(_ number: UInt64, _ reserved: ReservedBits = .fast) -> (id: ConnectionID?, effects: SwarmEffects)
    {
        knock(from: Self.endpoint(number), Self.handshake(number, reserved))
    }

    /// The header of a block arrives.
    package func admit(_ block: WireBlock, from id: ConnectionID) -> (admission: BlockAdmission, effects: SwarmEffects)
    {
        let (answered, effects) = take(.admit(block, from: id, answer: .refuse))
        if case .admit(_, _, let admission) = answered { return (admission, effects) }
        return (.refuse, effects)
    }

    /// The hash of a piece is wrong.
    package func reject(_ piece: PieceIndex) -> (attempt: RejectedAttempt?, effects: SwarmEffects) {
        let (answered, effects) = take(.pieceRejected(piece, answer: nil))
        if case .pieceRejected(_, let attempt) = answered { return (attempt, effects) }
        return (nil, effects)
    }

    /// All events and questions go through here, so that they are recorded. Returns the input with its answer.
    private func take(_ input: RecordedInput) -> (input: RecordedInput, effects: SwarmEffects) {
        var effects: SwarmEffects = []
        let answered = swarm.takeAgain(input, at: now, effects: &effects)
        recording.add(answered, at: now, effects: effects[...], nextDeadline: swarm.nextDeadline)
        return (answered, effects)
    }

    /// The recording of all inputs so far.
    package var recorded: [UInt8] {
        var recording = recording
        return recording.take()
    }

    // Properties for `#expect`: the swarm itself is noncopyable and cannot be an argument of a macro.
    package var have: Bitfield { swarm.have }
    package var isComplete: Bool { swarm.isComplete }
    package var nextDeadline: Moment { swarm.nextDeadline }
    package var isSuperSeeding: Bool { swarm.isSuperSeeding }
    package var figures: SwarmFigures { swarm.figures(at: now) }
    package var outOfReach: Int { swarm.outOfReach }
    package var connections: [ConnectionFigures] { swarm.connectionList(at: now) }

    package func remembers(_ attempt: RejectedAttempt) -> Bool { swarm.remembers(attempt) }

    @discardableResult
    package func start() -> SwarmEffects { tell(.start) }

    /// Lets time pass, and wakes the swarm at each of its deadlines.
    @discardableResult
    package func pass(_ duration: Duration) -> SwarmEffects {
        let end = now + duration
        var effects: SwarmEffects = []
        var wakeUps = 0
        while swarm.nextDeadline <= end {
            now = max(now, swarm.nextDeadline)
            effects += tell(.deadlineReached)
            wakeUps += 1
            precondition(wakeUps < 10_000, "deadlines without end")
        }
        now = end
        return effects
    }

    /// Peer `number` connects to us, is accepted, and has sent nothing after its handshake.
    package func enter(_ number: UInt64, _ reserved: ReservedBits = .fast) -> ConnectionID {
        guard let id = accept(number, reserved) else { preconditionFailure("peer \(number) was not let in") }
        return id
    }

    /// Peer `number` connects to us; nil if it is refused. The effects are dropped.
    package func accept(_ number: UInt64, _ reserved: ReservedBits = .fast) -> ConnectionID? {
        knock(number, reserved).id
    }

    /// Peer `number` connects to us and sends a bitfield: of these pieces, or of all.
    package func join(_ number: UInt64, _ reserved: ReservedBits = .fast, has pieces: [Int]? = nil) -> ConnectionID {
        let id = enter(number, reserved)
        var field = Bitfield(count: geometry.pieceCount, filled: pieces == nil)
        for piece in pieces ?? [] { field[piece] = true }
        bitfield(field, from: id)
        return id
    }

    /// The extension handshake of a peer: what it speaks, by ids that are not ours, and where it listens.
    @discardableResult
    package func introduce(
        _ id: ConnectionID, speaking rows: [PeerExtension], port: UInt16? = 6_881
    ) -> SwarmEffects {
        var handshake = ExtensionHandshake()
        for row in rows { handshake.ids[row] = row.rawValue + 50 }
        handshake.listenPort = port
        return tell(.extensionHandshake(handshake, from: id))
    }

    /// What the shell sends for an effect to a peer that was introduced, as that peer reads it; nil if it sends
    /// nothing. Behind a block of metadata come zeros.
    package func sent(_ output: ExtensionOutput, to id: ConnectionID) -> ExtensionMessage? {
        guard var frame = swarm.encoded(output, for: id, listenPort: 1), let row = output.row else { return nil }
        frame += [UInt8](repeating: 0, count: max(0, 4 + Int(frame.withBytes { $0.uint32(at: 0) }) - frame.count))
        return frame.withBytes { bytes in
            guard case .extended(let number, let body, _)? = try? MessageReader(pieceCount: 0).next(in: bytes),
                number == row.rawValue + 50
            else { return nil }
            return try? ExtensionMessage(row, parsing: bytes.extracting(body))
        }
    }

    /// Whom a peer is told of by these effects.
    package func exchanged(_ effects: SwarmEffects, with id: ConnectionID) -> PeerExchange? {
        guard effects.contains(.sendExtension(id, .exchange)),
            case .exchange(let exchange)? = sent(.exchange, to: id)
        else { return nil }
        return exchange
    }

    @discardableResult
    package func bitfield(_ field: Bitfield, from id: ConnectionID) -> SwarmEffects {
        tell(.bitfield(field.wire, from: id))
    }

    @discardableResult
    package func receive(_ message: PeerMessage, from id: ConnectionID) -> SwarmEffects {
        tell(.message(message, from: id))
    }

    /// A whole block arrives, whether it is admitted, discarded or refused.
    @discardableResult
    package func deliver(_ block: WireBlock, from id: ConnectionID) -> SwarmEffects {
        let (admission, effects) = admit(block, from: id)
        switch admission {
        case .accept(let block): return effects + tell(.blockArrived(block, from: id))
        case .discard: return effects + tell(.blockDiscarded(block, from: id))
        case .refuse: return effects
        }
    }

    @discardableResult
    package func store(_ piece: PieceIndex) -> SwarmEffects { tell(.pieceStored(piece)) }

    package func block(_ piece: Int, _ number: Int) -> WireBlock {
        geometry.block(number, of: geometry.piece(piece)).onWire
    }
}

extension SwarmEffects {
    /// The messages to one peer.
    package func said(to id: ConnectionID) -> [PeerMessage] {
        compactMap {
            if case .send(id, let message) = $0 { message } else { nil }
        }
    }

    package func requests(to id: ConnectionID) -> [WireBlock] {
        said(to: id).compactMap {
            if case .request(let block) = $0 { block } else { nil }
        }
    }

    /// The connections that are to be made.
    package var connects: [ConnectionID] {
        compactMap {
            if case .connect(let id, _) = $0 { id } else { nil }
        }
    }

    package var announces: [SwarmEffect] {
        filter {
            if case .announce = $0 { true } else { false }
        }
    }
}
