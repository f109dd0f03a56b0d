import TorrentCore

/// The upload turns of a peer, and how soon it asked for something in them.
struct TurnRecord {
    /// The turn that it has now.
    var current: UploadTurn?
    var lastBeganAt: Moment?
    /// It gets no turn before this time, since it asked for nothing in the last one.
    var passedOverUntil = Moment.zero
    /// Turns in a row in which it asked for nothing.
    var unanswered = 0
    /// The time from an unchoke to its first request.
    var answerTime = TimeMean()
    /// When its last turn began, if it has asked for nothing since.
    var missedAt: Moment?
    /// Turns in a row that were over when its first request came, and the time that the last of these took.
    var late: (count: Int, answer: Duration) = (0, .zero)
}
