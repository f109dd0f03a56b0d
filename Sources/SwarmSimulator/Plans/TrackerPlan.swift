import TorrentCore

/// How one of several trackers behaves.
package struct TrackerPlan: Sendable {
    /// It does not answer from this time on, until `downUntil`.
    package var downFrom = Duration.zero
    /// The end of the time in which it does not answer.
    package var downUntil = Duration.zero
    /// It answers with a failure from this time on, until `refusesUntil`.
    package var refusesFrom = Duration.zero
    /// The end of the time in which it refuses.
    package var refusesUntil = Duration.zero
    /// What its refusals say of asking again; nil: nothing.
    package var retryIn: Duration?
    /// The interval between announces that it wants.
    package var interval = Duration.seconds(1_800)
    /// The least interval that it allows; nil: it does not say.
    package var minimum: Duration?

    package init() {}

    func isDown(at time: Duration) -> Bool { downFrom <= time && time < downUntil }
    func refuses(at time: Duration) -> Bool { refusesFrom <= time && time < refusesUntil }
}

/// The answer of a tracker to an announce.
enum TrackerAnswer {
    case nothing
    case refusal(retryIn: Duration?)
    case peers([Endpoint])
}
