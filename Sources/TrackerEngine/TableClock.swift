import TorrentCore

/// The minutes that the tables use. They never go back, whichever lane reads the clock first, and skip times so long
/// that the tables' 15-bit minutes could wrap around, as when the process was stopped for weeks.
///
/// A peer from before such a time has expired all the same. Nothing in the tables is older than a peer's lifetime, or
/// `Minute.longAgo`, plus three rounds of expiry: two, and a third for what moved to a position that a round had
/// passed.
struct TableClock: Sendable {
    // The lowest, until the first time is known.
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

    /// The same without a change of state.
    func peek(_ now: Moment) -> Minute { Minute(max(minutes, min(latest, now.minutes - passedOver))) }

    /// To be called when everything in the tables has been looked at since the last call.
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
