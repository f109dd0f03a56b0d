import SwarmEngine
import TorrentCore

/// The brain of a session that fetches metadata, with what it wants done and nobody has done yet. It is there until it
/// becomes the brain of the torrent.
struct MetadataBrain: ~Copyable {
    private var swarm: MetadataSwarm?
    private var queue = EffectQueue()

    init(_ configuration: MetadataConfiguration, at now: Moment) {
        swarm = MetadataSwarm(configuration, at: now)
    }

    var isRunning: Bool {
        switch swarm {
        case .some(let swarm): swarm.isRunning
        case nil: false
        }
    }

    /// Distant once it has become another one.
    var nextDeadline: Moment {
        switch swarm {
        case .some(let swarm): swarm.nextDeadline
        case nil: .distantFuture
        }
    }

    func figures(at now: Moment) -> MetadataFigures {
        switch swarm {
        case .some(let swarm): swarm.figures(at: now)
        case nil: MetadataFigures()
        }
    }

    func encoded(_ output: ExtensionOutput, for id: ConnectionID, listenPort: UInt16?) -> [UInt8]? {
        switch swarm {
        case .some(let swarm): swarm.encoded(output, for: id, listenPort: listenPort)
        case nil: nil
        }
    }

    mutating func take(_ event: SwarmEvent, at now: Moment) {
        swarm?.take(event, at: now, effects: &queue.waiting)
    }

    /// What it wants done about it is the result, and among the effects as well.
    @discardableResult
    mutating func take(_ news: SwarmNews, at now: Moment) -> ArraySlice<SwarmEffect> {
        let before = queue.waiting.count
        swarm?.take(news, at: now, effects: &queue.waiting)
        return queue.waiting[before...]
    }

    mutating func linkAccepted(from endpoint: Endpoint, _ handshake: Handshake, at now: Moment) -> ConnectionID? {
        swarm?.linkAccepted(from: endpoint, handshake: handshake, at: now, effects: &queue.waiting) ?? nil
    }

    mutating func admit(
        _ message: MetadataMessage, digest: SHA1Digest, from id: ConnectionID, at now: Moment
    ) -> MetadataPlace? {
        swarm?.admit(message, digest: digest, from: id, at: now, effects: &queue.waiting) ?? nil
    }

    mutating func assemblyVerified(_ assembly: MetadataAssembly.ID, at now: Moment) {
        swarm?.assemblyVerified(assembly, at: now, effects: &queue.waiting)
    }

    mutating func assemblyRejected(_ assembly: MetadataAssembly.ID, at now: Moment) {
        swarm?.assemblyRejected(assembly, at: now, effects: &queue.waiting)
    }

    /// Becomes the brain of the torrent, once. No piece is opened before it is allowed.
    mutating func promoted(_ configuration: SwarmConfiguration, at now: Moment) -> SessionBrain {
        guard let swarm = swarm.take() else { preconditionFailure("it has become another one already") }
        let promoted = swarm.promoted(configuration, mayOpen: 0, at: now, effects: &queue.waiting)
        return SessionBrain(promoted, queue)
    }

    // MARK: What it wants done

    var wantsSomething: Bool { !queue.isEmpty }

    /// All of it. `giveBack` must follow.
    mutating func takeEffects() -> SwarmEffects { queue.take() }

    mutating func giveBack(_ effects: consuming SwarmEffects) { queue.giveBack(effects) }
}
