import SwarmEngine
import TorrentCore

/// The brain of a session, with what it wants done and nobody has done yet, and a recording of all that it is told.
struct SessionBrain: ~Copyable {
    private(set) var swarm: Swarm
    private var effects: SwarmEffects = []
    /// Only where somebody wants one.
    private var recorder: SessionRecorder?

    init(_ configuration: SwarmConfiguration, at now: Moment, recordings: RecordingFolder?) {
        swarm = Swarm(configuration, at: now)
        recorder = recordings.map { SessionRecorder(configuration, at: now, in: $0) }
    }

    mutating func take(_ event: SwarmEvent, at now: Moment) {
        let before = effects.count
        swarm.take(event, at: now, effects: &effects)
        record(.event(event), at: now, since: before)
    }

    /// What it wants done about it is the result, and among the effects as well.
    @discardableResult
    mutating func take(_ news: SwarmNews, at now: Moment) -> ArraySlice<SwarmEffect> {
        let before = effects.count
        swarm.take(news, at: now, effects: &effects)
        record(.news(news), at: now, since: before)
        return effects[before...]
    }

    mutating func admit(_ block: WireBlock, from id: ConnectionID, at now: Moment) -> BlockAdmission {
        let before = effects.count
        let answer = swarm.admit(block, from: id, at: now, effects: &effects)
        record(.admit(block, from: id, answer: answer), at: now, since: before)
        return answer
    }

    mutating func linkAccepted(from endpoint: Endpoint, _ handshake: Handshake, at now: Moment) -> ConnectionID? {
        let before = effects.count
        let answer = swarm.linkAccepted(from: endpoint, handshake: handshake, at: now, effects: &effects)
        record(.linkAccepted(from: endpoint, handshake, answer: answer), at: now, since: before)
        return answer
    }

    mutating func pieceRejected(_ piece: PieceIndex, at now: Moment) -> RejectedAttempt? {
        let before = effects.count
        let answer = swarm.pieceRejected(piece, at: now, effects: &effects)
        record(.pieceRejected(piece, answer: answer), at: now, since: before)
        return answer
    }

    /// Its effects are those behind the first `count`.
    private func record(_ input: @autoclosure () -> RecordedInput, at now: Moment, since count: Int) {
        guard let recorder else { return }
        recorder.add(input(), at: now, effects: effects[count...], nextDeadline: swarm.nextDeadline)
    }

    // MARK: What it wants done

    var wantsSomething: Bool { !effects.isEmpty }

    /// All of it. `giveBack` must follow.
    mutating func takeEffects() -> SwarmEffects {
        var queue: SwarmEffects = []
        swap(&queue, &effects)
        return queue
    }

    /// Takes the array back when all is done, so that no call allocates one.
    mutating func giveBack(_ queue: consuming SwarmEffects) {
        precondition(effects.isEmpty, "carrying out an effect must not call the brain")
        queue.removeAll(keepingCapacity: true)
        effects = queue
    }

    /// Has what was recorded written, without waiting for it.
    mutating func handOverRecording() {
        if recorder?.handOver() == false { recorder = nil }
    }
}
