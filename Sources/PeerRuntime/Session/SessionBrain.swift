import SwarmEngine
import TorrentCore

/// The brain of a session, with what it wants done and nobody has done yet, and a recording of all that it is told.
struct SessionBrain: ~Copyable {
    private(set) var swarm: Swarm
    private var queue = EffectQueue()
    /// Only where somebody wants one.
    private var recorder: SessionRecorder?

    init(_ configuration: SwarmConfiguration, at now: Moment, recordings: RecordingFolder?) {
        swarm = Swarm(configuration, at: now)
        recorder = recordings.map { SessionRecorder(configuration, at: now, in: $0) }
    }

    /// One that has fetched the metadata, with what it wants done first, and the recording of it until now.
    init(_ promoted: consuming Swarm, _ queue: EffectQueue, _ recorder: SessionRecorder?) {
        swarm = promoted
        self.queue = queue
        self.recorder = recorder
    }

    mutating func take(_ event: SwarmEvent, at now: Moment) {
        let before = queue.waiting.count
        swarm.take(event, at: now, effects: &queue.waiting)
        record(.event(event), at: now, since: before)
    }

    /// What it wants done about it is the result, and among the effects as well.
    @discardableResult
    mutating func take(_ news: SwarmNews, at now: Moment) -> ArraySlice<SwarmEffect> {
        let before = queue.waiting.count
        swarm.take(news, at: now, effects: &queue.waiting)
        record(.news(news), at: now, since: before)
        return queue.waiting[before...]
    }

    mutating func admit(_ block: WireBlock, from id: ConnectionID, at now: Moment) -> BlockAdmission {
        let before = queue.waiting.count
        let answer = swarm.admit(block, from: id, at: now, effects: &queue.waiting)
        record(.admit(block, from: id, answer: answer), at: now, since: before)
        return answer
    }

    mutating func linkAccepted(from endpoint: Endpoint, _ handshake: Handshake, at now: Moment) -> ConnectionID? {
        let before = queue.waiting.count
        let answer = swarm.linkAccepted(from: endpoint, handshake: handshake, at: now, effects: &queue.waiting)
        record(.linkAccepted(from: endpoint, handshake, answer: answer), at: now, since: before)
        return answer
    }

    mutating func pieceRejected(_ piece: PieceIndex, at now: Moment) -> RejectedAttempt? {
        let before = queue.waiting.count
        let answer = swarm.pieceRejected(piece, at: now, effects: &queue.waiting)
        record(.pieceRejected(piece, answer: answer), at: now, since: before)
        return answer
    }

    /// Its effects are those behind the first `count`.
    private func record(_ input: @autoclosure () -> RecordedInput, at now: Moment, since count: Int) {
        guard let recorder else { return }
        recorder.add(input(), at: now, effects: queue.waiting[count...], nextDeadline: swarm.nextDeadline)
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
