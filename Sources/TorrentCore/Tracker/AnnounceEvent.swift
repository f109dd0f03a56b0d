/// Why a peer announces itself (BEP 3; the raw values are those of BEP 15).
public enum AnnounceEvent: UInt32, Sendable, CaseIterable, BitwiseCopyable {
    /// At the interval, or because peers ran short.
    case none = 0
    /// The download has just been finished; not sent by a peer that was complete at the start.
    case completed = 1
    /// The first announce of a run.
    case started = 2
    /// The peer leaves, and is to be forgotten.
    case stopped = 3
}
