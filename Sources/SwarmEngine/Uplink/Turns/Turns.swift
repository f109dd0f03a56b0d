import TorrentCore

/// Turns: one whole piece to one peer, then the next.
final class Turns {
    /// The peers that have a turn, in the order in which their turns began.
    var order: [PeerConnection] = []
    var pace = UplinkPace()
    /// Set while we are a seed that hides its pieces.
    var ledger: SpreadLedger?
    var trial: TurnTrial
    var history: TurnHistory
    /// Kept for when slots are given again.
    let choker: ClassicChoker

    init(choker: ClassicChoker, history: TurnHistory, sentBefore: Int64) {
        self.choker = choker
        self.history = history
        trial = TurnTrial(sentBefore: sentBefore)
    }

    /// Our pieces are hidden by the wish of people: as little as possible is to be given.
    var isSuperSeeding: Bool { ledger?.isSparing == true }

    /// Turns without a request yet.
    var unansweredCount: Int { order.count { $0.uplink.turns.current?.piece == nil } }
}

/// What is measured since turns are given, to judge whether they fit.
struct TurnTrial {
    /// When the first turn began, and when the first piece was handed over.
    var firstTurnAt: Moment?
    var firstDeliveryAt: Moment?
    /// From the first block of a piece that is handed over until its receiver announces the piece.
    var deliveryTime = TimeMean()
    /// Bytes sent before.
    let sentBefore: Int64
}

/// What is learned about turns, and kept while slots are given.
struct TurnHistory {
    var choker = SerialChoker()
    /// From an unchoke to the first request, over all peers.
    var answerTime = TimeMean()
    /// The share of recent turns in which nothing was asked for.
    var misses = 0.0
    /// When the last block left, another was waiting: only then does the time between them tell the rate of the line.
    var isBusy = false
}

/// A running mean of times, the latest with a weight of an eighth, in whole nanoseconds; nil before the first.
struct TimeMean {
    private(set) var value: Duration?
    /// The shortest of them: what is left of it where no queue added to it.
    private(set) var least: Duration?

    mutating func add(_ time: Duration) {
        least = min(least ?? time, time)
        value = value.map { $0 + (time - $0) / 8 } ?? time
    }
}
