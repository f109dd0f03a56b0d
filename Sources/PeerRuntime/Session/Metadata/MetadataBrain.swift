import SwarmEngine
import TorrentCore

/// The brain of a session that fetches metadata, with what it wants done and nobody has done yet, and a recording of
/// all that it is told. It is there until it becomes the brain of the torrent.
struct MetadataBrain: ~Copyable {
    private var swarm: MetadataSwarm?
    private var queue = EffectQueue()
    /// Only where somebody wants one.
    private var recorder: SessionRecorder?

    init(_ configuration: MetadataConfiguration, at now: Moment, recordings: RecordingFolder?) {
        swarm = MetadataSwarm(configuration, at: now)
        recorder = recordings.map { SessionRecorder(configuration, at: now, in: $0) }
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

    func source(of id: ConnectionID) -> PeerSource? {
        switch swarm {
        case .some(let swarm): swarm.source(of: id)
        case nil: nil
        }
    }

    func isUnproven(_ id: ConnectionID) -> Bool {
        switch swarm {
        case .some(let swarm): swarm.isUnproven(id)
        case nil: false
        }
    }

    func greets(_ handshake: Handshake, from endpoint: Endpoint) -> Bool {
        switch swarm {
        case .some(let swarm): swarm.greets(handshake, from: endpoint)
        case nil: false
        }
    }

    func usesAnswers(of tracker: TrackerIndex) -> Bool {
        switch swarm {
        case .some(let swarm): swarm.usesAnswers(of: tracker)
        case nil: false
        }
    }

    /// Known peers to which our own system knows no way.
    var outOfReach: Int {
        switch swarm {
        case .some(let swarm): swarm.outOfReach
        case nil: 0
        }
    }

    /// Parts of memory that are in use, and that may come to be.
    var memory: (inUse: Int, ofUse: Int) {
        switch swarm {
        case .some(let swarm): swarm.memory
        case nil: (0, 0)
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
        let before = queue.waiting.count
        swarm?.take(event, at: now, effects: &queue.waiting)
        record(.event(event), at: now, since: before)
    }

    /// What it wants done about it is the result, and among the effects as well.
    @discardableResult
    mutating func take(_ news: SwarmNews, at now: Moment) -> ArraySlice<SwarmEffect> {
        let before = queue.waiting.count
        swarm?.take(news, at: now, effects: &queue.waiting)
        record(.news(news), at: now, since: before)
        return queue.waiting[before...]
    }

    mutating func linkAccepted(from endpoint: Endpoint, _ handshake: Handshake, at now: Moment) -> ConnectionID? {
        let before = queue.waiting.count
        let answer = swarm?.linkAccepted(from: endpoint, handshake: handshake, at: now, effects: &queue.waiting) ?? nil
        record(.linkAccepted(from: endpoint, handshake, answer: answer), at: now, since: before)
        return answer
    }

    mutating func admit(
        _ message: MetadataMessage, digest: SHA1Digest, from id: ConnectionID, at now: Moment
    ) -> MetadataPlace? {
        let before = queue.waiting.count
        let answer = swarm?.admit(message, digest: digest, from: id, at: now, effects: &queue.waiting) ?? nil
        record(.admitMetadata(message, digest, from: id, answer: answer), at: now, since: before)
        return answer
    }

    mutating func assemblyVerified(_ assembly: MetadataAssembly.ID, isPrivate: Bool, at now: Moment) {
        let before = queue.waiting.count
        swarm?.assemblyVerified(assembly, isPrivate: isPrivate, at: now, effects: &queue.waiting)
        record(.assemblyVerified(assembly, isPrivate: isPrivate), at: now, since: before)
    }

    mutating func assemblyRejected(_ assembly: MetadataAssembly.ID, at now: Moment) {
        let before = queue.waiting.count
        swarm?.assemblyRejected(assembly, at: now, effects: &queue.waiting)
        record(.assemblyRejected(assembly), at: now, since: before)
    }

    /// Becomes the brain of the torrent, once. No piece is opened before it is allowed.
    mutating func promoted(_ configuration: SwarmConfiguration, at now: Moment) -> SessionBrain {
        guard let swarm = swarm.take() else { preconditionFailure("it has become another one already") }
        let before = queue.waiting.count
        let promoted = swarm.promoted(configuration, mayOpen: 0, at: now, effects: &queue.waiting)
        recorder?.add(
            .promoted(configuration, mayOpen: 0), at: now, effects: queue.waiting[before...],
            nextDeadline: promoted.nextDeadline)
        return SessionBrain(promoted, queue, recorder)
    }

    /// Its effects are those behind the first `count`.
    private func record(_ input: @autoclosure () -> RecordedInput, at now: Moment, since count: Int) {
        guard let recorder else { return }
        recorder.add(input(), at: now, effects: queue.waiting[count...], nextDeadline: nextDeadline)
    }

    // MARK: What it wants done

    var wantsSomething: Bool { !queue.isEmpty }

    /// All of it. `giveBack` must follow.
    mutating func takeEffects() -> SwarmEffects { queue.take() }

    mutating func giveBack(_ effects: consuming SwarmEffects) { queue.giveBack(effects) }

    /// Has what was recorded written, without waiting for it.
    mutating func handOverRecording() {
        if recorder?.handOver() == false { recorder = nil }
    }
}
