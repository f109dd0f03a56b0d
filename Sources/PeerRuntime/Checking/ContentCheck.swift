import PeerEvents
import Synchronization
import TorrentIO

/// One check that was asked for, from its place in the queue to its answer. It can be called off from any thread: a
/// check that waits for its turn then answers at once, and one that is at work answers soon.
final class ContentCheck: Sendable {
    /// The content that was checked, and what is there of it.
    struct Found: Sendable {
        var content: TorrentContent
        var finding: ContentSurvey.Finding
    }

    typealias Answer = Result<Found, PeerFailure>

    private enum State {
        case queued, atWork, calledOff
    }

    private let state = Mutex(State.queued)
    private let reply: Reply<Answer>

    init(reply: Reply<Answer>) {
        self.reply = reply
    }

    var isCalledOff: Bool { state.withLock { $0 == .calledOff } }

    /// Nobody waits for what it finds.
    func callOff() {
        let wasQueued = state.withLock { state in
            defer { state = .calledOff }
            return state == .queued
        }
        if wasQueued { reply.send(.failure(ContentSurvey.interrupted)) }
    }

    // MARK: For the queues

    /// Its turn has come: false if it has been called off, and has answered.
    func begin() -> Bool { change(to: .atWork) }

    /// It waits once more. False if it has been called off meanwhile; then `answer` must follow.
    func queueAgain() -> Bool { change(to: .queued) }

    private func change(to next: State) -> Bool {
        state.withLock { state in
            guard state != .calledOff else { return false }
            state = next
            return true
        }
    }

    func answer(_ answer: Answer) { reply.send(answer) }
}
