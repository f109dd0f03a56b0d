import SwarmEngine
import TorrentCore
import TorrentIO

/// When a session's iteration ends, and when its brain wants to be woken.
struct SessionPulse {
    /// The end of this iteration has been asked for.
    var endsIteration = false
    /// Wakes the brain.
    var timer: (moment: Moment, id: TimerID)?
}

extension PeerSession {
    func endIterationLater() {
        guard !pulse.endsIteration else { return }
        pulse.endsIteration = true
        reactor.atEndOfIteration { [weak self] in
            self?.pulse.endsIteration = false
            self?.endIteration()
        }
    }

    /// Wakes the brain when it wants to be woken; never once the session stops.
    func armTimer() {
        let next = nextDeadline
        guard pulse.timer?.moment != next else { return }
        if let timer = pulse.timer { reactor.cancel(timer.id) }
        pulse.timer = nil
        guard next != .distantFuture, !isStopping else { return }
        let id = reactor.setTimer(at: next) { [weak self] in
            guard let self else { return }
            pulse.timer = nil
            tellBrain(.deadlineReached)
        }
        pulse.timer = (next, id)
    }

    /// Others go on with what it had: it is never woken again.
    func endPulse() {
        if let timer = pulse.timer { reactor.cancel(timer.id) }
        pulse.timer = nil
    }
}
