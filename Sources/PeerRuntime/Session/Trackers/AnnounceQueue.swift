import TorrentCore

/// The conversation with one tracker: one announce at a time, in order.
final class AnnounceQueue {
    let url: TrackerURL
    var task: (any AnnounceTask)?
    var event: AnnounceEvent = .none
    /// What is to be said when the announce under way has ended.
    var next: (event: AnnounceEvent, wanted: Int)?
    /// To be said again in the next announce.
    var trackerID: [UInt8] = []
    /// People are told once that a tracker fails, and once that it works again.
    var isFailing = false
    /// What was odd about the last answer: told once, with -v.
    var oddities: [AnswerOddity] = []
    var hasAnswered = false
    /// It is told that we leave, and nothing else: people hear no more of it.
    var isGivenUp = false
    /// What became of the last announce: the rest of a sentence about this tracker, for people.
    var outcome = " has not answered yet"

    init(url: TrackerURL) {
        self.url = url
    }
}
