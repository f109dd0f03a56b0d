import TorrentCore

/// What a link wants to be polled for, and which directions have to pause.
struct LinkInterest {
    private(set) var polled: Readiness
    private(set) var paused: Readiness
    /// One for both directions: it fires when the first of them may go on.
    private var timer: (moment: Moment, id: TimerID)?

    /// A direction waits for its time.
    var isTimed: Bool { timer != nil }

    /// `isReading`: whether bytes are taken at once, or reading begins with a pause.
    init(isReading: Bool) {
        polled = isReading ? [.read] : []
        paused = isReading ? [] : [.read]
    }

    /// True if that changes what is polled for.
    mutating func want(_ direction: Readiness, _ isWanted: Bool) -> Bool {
        let before = polled
        if isWanted { polled.insert(direction) } else { polled.remove(direction) }
        return polled != before
    }

    /// `direction` pauses until `moment`, or until an earlier one that another direction waits for: then `onEnd` is
    /// called.
    mutating func pause(
        _ direction: Readiness, until moment: Moment, on reactor: Reactor, _ onEnd: @escaping () -> Void
    ) {
        paused.insert(direction)
        if let timer {
            guard moment < timer.moment else { return }
            reactor.cancel(timer.id)
        }
        timer = (moment, reactor.setTimer(at: moment, onEnd))
    }

    /// All pauses are over: by the timer, or, if the link has ended, without it. The answer is what had to wait.
    mutating func endPauses(on reactor: Reactor) -> Readiness {
        if let timer { reactor.cancel(timer.id) }
        timer = nil
        defer { paused = [] }
        return paused
    }
}
