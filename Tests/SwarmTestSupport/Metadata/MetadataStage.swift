package import SwarmEngine
package import TorrentCore

/// A swarm without metadata under test: short functions for its events and questions, each returning the effects.
///
/// Blocks have no bytes here. What a peer sends of a block is a number: 0 is right, and all others are wrong.
package final class MetadataStage {
    /// Nil once it has become the brain of a torrent.
    private var brain: MetadataSwarm?
    private var recording: RecordingWriter
    package var now = Moment.zero
    /// Bytes of the right metadata.
    package let size: Int
    /// What the shell keeps: of each assembly, what came of each block.
    package private(set) var kept: [UInt32: [Int: UInt64]] = [:]
    private var sizes: [UInt32: Int] = [:]
    /// The assembly whose hash was right.
    package private(set) var verified: MetadataAssembly.ID?
    /// What went wrong that no test says itself.
    package private(set) var faults: [String] = []

    /// `blocks` of metadata, the last one shorter.
    package init(
        blocks: Int = 4, tiers: [Int] = [], asksOwnTracker: Bool = false, metadataLimit: Int = 1 << 26,
        seed: UInt64 = 1,
        adapt: (inout SwarmLimits) -> Void = { _ in }
    ) {
        size = blocks * MetadataMessage.blockBytes - 100
        var configuration = MetadataConfiguration(
            infoHash: SwarmStage.infoHash, ourID: SwarmStage.ourID, seed: seed)
        configuration.trackerTiers = tiers
        configuration.asksOwnTracker = asksOwnTracker
        configuration.metadataLimit = metadataLimit
        configuration.exchangesPeers = true
        adapt(&configuration.limits)
        brain = MetadataSwarm(configuration, at: .zero)
        recording = RecordingWriter(configuration, at: .zero)
    }

    @discardableResult
    package func tell(_ event: SwarmEvent) -> SwarmEffects { take(.event(event)).effects }

    @discardableResult
    package func tell(_ news: SwarmNews) -> SwarmEffects { take(.news(news)).effects }

    /// All events and questions go through here, so that they are recorded. Returns the input with its answer.
    private func take(
        _ input: RecordedInput, keeping keep: (MetadataPlace) -> Void = { _ in }
    ) -> (input: RecordedInput, effects: SwarmEffects) {
        var effects: SwarmEffects = []
        let answered = brain?.takeAgain(input, at: now, effects: &effects) ?? input
        recording.add(answered, at: now, effects: effects[...], nextDeadline: nextDeadline)
        if case .admitMetadata(_, _, _, let place?) = answered { keep(place) }
        drop(effects)
        return (answered, effects)
    }

    /// The recording of all inputs so far.
    package var recorded: [UInt8] {
        var recording = recording
        return recording.take()
    }

    @discardableResult
    package func start() -> SwarmEffects { tell(.start) }

    /// Peer `number` connects to us; the id is nil if it is refused.
    package func knock(
        _ number: UInt64, _ reserved: ReservedBits = .ours
    ) -> (id: ConnectionID?, effects: SwarmEffects) {
        let endpoint = SwarmStage.endpoint(number)
        let handshake = SwarmStage.handshake(number, reserved)
        let (answered, effects) = take(.linkAccepted(from: endpoint, handshake, answer: nil))
        if case .linkAccepted(_, _, let id) = answered { return (id, effects) }
        return (nil, effects)
    }

    /// Peer `number` connects to us, is accepted, and has sent nothing after its handshake.
    package func enter(_ number: UInt64, _ reserved: ReservedBits = .ours) -> ConnectionID {
        guard let id = knock(number, reserved).id else { preconditionFailure("peer \(number) was not let in") }
        return id
    }

    /// A peer says that it has the metadata, of this size; by default the right one.
    @discardableResult
    package func offer(_ size: Int? = nil, from id: ConnectionID) -> SwarmEffects {
        tell(.extensionHandshake(Self.offer(size ?? self.size), from: id))
    }

    /// The handshake of one who has the metadata; nil: who speaks the extension and has nothing.
    package static func offer(_ size: Int?) -> ExtensionHandshake {
        var handshake = ExtensionHandshake()
        handshake.ids[.metadata] = 7
        handshake.metadataSize = size
        return handshake
    }

    /// Peer `number` connects to us and says that it has the metadata. The effects are those of saying so.
    package func join(_ number: UInt64, _ size: Int? = nil) -> (id: ConnectionID, effects: SwarmEffects) {
        let id = enter(number)
        return (id, offer(size, from: id))
    }

    @discardableResult
    package func receive(_ message: PeerMessage, from id: ConnectionID) -> SwarmEffects {
        tell(.message(message, from: id))
    }

    @discardableResult
    package func receive(_ message: MetadataMessage, from id: ConnectionID) -> SwarmEffects {
        tell(.extended(.metadata(message), from: id))
    }

    /// A block arrives, of the metadata of `size` bytes in all; `content` 0 is right.
    @discardableResult
    package func deliver(
        _ piece: UInt32, from id: ConnectionID, content: UInt64 = 0, size: Int? = nil, length: Int? = nil
    ) -> (place: MetadataPlace?, effects: SwarmEffects) {
        let size = size ?? self.size
        let length = length ?? MetadataMessage.range(of: piece, in: size)?.count ?? MetadataMessage.blockBytes
        let message = MetadataMessage.data(piece: piece, totalSize: Int64(size), length: length)
        let digest = SHA1Digest(Bytes20(high: UInt64(piece), middle: content, low: UInt32(length)))
        let (answered, effects) = take(.admitMetadata(message, digest, from: id, answer: nil)) {
            keep(content, at: $0, length)
        }
        if case .admitMetadata(_, _, _, let place) = answered { return (place, effects) }
        return (nil, effects)
    }

    private func keep(_ content: UInt64, at place: MetadataPlace, _ length: Int) {
        let number = place.assembly.number
        let block = place.offset / MetadataMessage.blockBytes
        if kept[number]?[block] != nil { faults.append("block \(block) of assembly \(number) is given a place twice") }
        if place.offset + length > place.size { faults.append("a place behind the end") }
        sizes[number] = place.size
        kept[number, default: [:]][block] = content
    }

    /// The shell looks at the hash of an assembly.
    @discardableResult
    package func verify(_ id: MetadataAssembly.ID, isPrivate: Bool = false) -> SwarmEffects {
        guard isRight(id) else { return take(.assemblyRejected(id)).effects }
        let effects = take(.assemblyVerified(id, isPrivate: isPrivate)).effects
        // Not so if the swarm has stopped meanwhile.
        if brain?.verifiedSize != nil { verified = id }
        return effects
    }

    /// The metadata is that of this torrent, of which we have these pieces: the brain that takes over, on a stage of
    /// its own.
    package func promote(
        pieces: Int = 16, have: [Int] = [], isPrivate: Bool = false, rules: SwarmRules = .slots
    ) -> (stage: SwarmStage, effects: SwarmEffects) {
        guard let geometry = TorrentGeometry(totalLength: Int64(pieces) * 16_384, pieceLength: 16_384),
            let brain = brain.take()
        else { preconditionFailure("a swarm becomes another one once, and has pieces then") }
        var field = Bitfield(count: pieces)
        for piece in have { field[piece] = true }
        var configuration = SwarmConfiguration(
            geometry: geometry, infoHash: SwarmStage.infoHash, ourID: SwarmStage.ourID, have: field, seed: 1)
        configuration.trackerTiers = brain.configuration.trackerTiers
        configuration.limits = brain.configuration.limits
        configuration.isPrivate = isPrivate
        configuration.rules = rules
        configuration.rules.exchangesPeers = true
        configuration.metadataBytes = size
        var effects: SwarmEffects = []
        let swarm = brain.promoted(configuration, at: now, effects: &effects)
        recording.add(
            .promoted(configuration, mayOpen: nil), at: now, effects: effects[...], nextDeadline: swarm.nextDeadline)
        drop(effects)
        return (SwarmStage(swarm, recording, at: now), effects)
    }

    /// All blocks are there, and right.
    package func isRight(_ id: MetadataAssembly.ID) -> Bool {
        guard let blocks = kept[id.number], sizes[id.number] == size else { return false }
        return blocks.count == MetadataMessage.blockCount(of: size) && blocks.values.allSatisfy { $0 == 0 }
    }

    /// Bytes that the shell keeps; the last blocks are counted as whole ones.
    package var keptBytes: Int { kept.values.reduce(0) { $0 + $1.count * MetadataMessage.blockBytes } }

    /// All blocks are there, right or not.
    package func isWhole(_ id: MetadataAssembly.ID) -> Bool {
        sizes[id.number].map { MetadataMessage.blockCount(of: $0) } == kept[id.number]?.count
    }

    private func drop(_ effects: SwarmEffects) {
        for case .dropMetadata(let id) in effects where kept.removeValue(forKey: id.number) == nil {
            faults.append("assembly \(id.number) is dropped, of which nothing came")
        }
    }

    // Properties for `#expect`: the swarm itself is noncopyable and cannot be an argument of a macro.
    package var nextDeadline: Moment { brain?.nextDeadline ?? .distantFuture }
    package var memory: (inUse: Int, ofUse: Int) { brain?.memory ?? (0, 0) }
    package var isRunning: Bool { brain?.isRunning ?? false }
    package var figures: MetadataFigures { brain?.figures(at: now) ?? MetadataFigures() }
    package var connections: [ConnectionFigures] { brain?.connectionList(at: now) ?? [] }

    /// What is sent for an output of the brain.
    package func encoded(_ output: ExtensionOutput, for id: ConnectionID) -> [UInt8]? {
        brain?.encoded(output, for: id, listenPort: nil) ?? nil
    }

    package func ourHandshake(listenPort: UInt16?) -> ExtensionHandshake {
        brain?.extensionHandshake(listenPort: listenPort) ?? ExtensionHandshake()
    }

    /// Lets time pass, and wakes the swarm at each of its deadlines.
    @discardableResult
    package func pass(_ duration: Duration) -> SwarmEffects {
        let end = now + duration
        var effects: SwarmEffects = []
        var wakeUps = 0
        while nextDeadline <= end {
            now = max(now, nextDeadline)
            effects += tell(.deadlineReached)
            wakeUps += 1
            precondition(wakeUps < 10_000, "deadlines without end")
        }
        now = end
        return effects
    }
}

extension SwarmEffects {
    /// The blocks of metadata that one peer is asked for.
    package func asked(of id: ConnectionID) -> [UInt32] {
        compactMap {
            if case .sendExtension(id, .metadataRequest(let piece)) = $0 { piece } else { nil }
        }
    }

    /// What one peer is sent under the extension protocol.
    package func outputs(to id: ConnectionID) -> [ExtensionOutput] {
        compactMap {
            if case .sendExtension(id, let output) = $0 { output } else { nil }
        }
    }

    /// The assembly whose hash is to be looked at.
    package var toVerify: MetadataAssembly.ID? {
        for case .verifyMetadata(let id) in self { return id }
        return nil
    }

    package var liars: [IPAddress] {
        compactMap {
            if case .metadataLiar(let address) = $0 { address } else { nil }
        }
    }

    package var closed: [ConnectionID] {
        compactMap {
            if case .close(let id, _) = $0 { id } else { nil }
        }
    }
}
