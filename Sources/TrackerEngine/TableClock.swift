import TorrentCore

/// The minutes that the tables go by: they never go back, whichever lane looked at the clock first, and they pass over
/// a time so long that the tables' short minutes could come round in it, as when the process was stopped for weeks.
///
/// Who was there before such a time has outlived itself all the same. What is in the tables is never older than a peer
/// may become, or `Minute.longAgo`, and what passes in three rounds of expiry: two, and a third for what was moved
/// behind the back of one.
struct TableClock: Sendable {
    // Before the first time that it hears of, the least.
    private var minutes = Int64.min
    private var latest = Int64.max
    private var passedOver: Int64 = 0

    /// Minutes that may pass from the end of one round of expiry to that of the next.
    private static let mostARound = 0x1400

    init() {
        precondition(Self.mostARound > Minute.longestLifetime && Minute.longAgo > Minute.longestLifetime)
        precondition(Self.mostARound * 3 + Minute.longAgo < Minute.horizon)
    }

    @inline(__always)
    mutating func minute(at now: Moment) -> Minute {
        let minute = now.minutes - passedOver
        if minute > minutes { goOn(to: minute) }
        return Minute(minutes)
    }

    /// The same for whoever only looks.
    func peek(_ now: Moment) -> Minute { Minute(max(minutes, min(latest, now.minutes - passedOver))) }

    /// Everything in the tables has been looked at since this was called last.
    mutating func finishRound() { latest = minutes + Int64(Self.mostARound) }

    private mutating func goOn(to minute: Int64) {
        let isFirst = minutes == .min
        minutes = min(minute, latest)
        passedOver += minute - minutes
        if isFirst { finishRound() }
    }
}

extension Moment {
    /// Whole minutes, rounded down.
    var minutes: Int64 {
        let minutes = nanoseconds / 60_000_000_000
        return minutes * 60_000_000_000 > nanoseconds ? minutes - 1 : minutes
    }
}
