import TorrentCore
import TorrentIO

/// How long a torrent has been seeding, for whoever ends it after so long. While it is paused no time passes.
struct SeedTime {
    /// Ends it when its time is up.
    private var timer: TimerID?
    private var since = Moment.zero
    /// Before the last pause.
    private var spent = Duration.zero

    /// It seeds from now on. `arm` sets a timer for what is left of `limit`; not called if it was seeding already.
    mutating func begin(at now: Moment, of limit: Duration, _ arm: (Duration) -> TimerID) {
        guard timer == nil else { return }
        since = now
        timer = arm(max(.zero, limit - spent))
    }

    /// It seeds no more, for now or for ever. The answer is the timer, to be cancelled.
    mutating func end(at now: Moment) -> TimerID? {
        guard let timer else { return nil }
        spent += now - since
        self.timer = nil
        return timer
    }
}
