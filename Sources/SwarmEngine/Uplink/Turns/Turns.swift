import TorrentCore

/// Turns: one whole piece to one peer, then the next.
final class Turns {
    /// Whose turn it is, in the order in which the turns began.
    var order: [PeerConnection] = []
    var pace = UplinkPace()
    /// What a seeder that hides its pieces goes by.
    var ledger: SpreadLedger?
    var trial: TurnTrial
    var habits: TurnHabits
    /// What was learned in slots before, for when they are given again.
    let choker: ClassicChoker

    init(choker: ClassicChoker, habits: TurnHabits, sentBefore: Int64) {
        self.choker = choker
        self.habits = habits
        trial = TurnTrial(sentBefore: sentBefore)
    }

    /// Turns in which nothing has been asked for yet.
    var unansweredCount: Int { order.count { $0.uplink.turns.current?.piece == nil } }
}

/// How it goes with turns since they are given: by this it is judged whether they fit.
struct TurnTrial {
    /// When the first turn began, and when the first piece was handed over.
    var firstTurnAt: Moment?
    var firstDeliveryAt: Moment?
    /// From the first block of a piece that is handed over until its receiver says that it has the piece.
    var deliveryTime = TimeMean()
    /// What had left before, bytes.
    let sentBefore: Int64
}

/// What is learned of turns and outlives a time in which slots are given.
struct TurnHabits {
    var choker = SerialChoker()
    /// From an unchoke to the first request.
    var answerTime = TimeMean()
    /// The share of turns of late in which nothing was asked for.
    var misses = 0.0
    /// Something was waiting to leave when the last block had left.
    var isBusy = false
}

/// A mean that follows, of times; nil before the first. It is kept in whole nanoseconds.
struct TimeMean {
    private(set) var value: Duration?

    mutating func add(_ time: Duration) {
        value = value.map { .nanoseconds($0.wholeNanoseconds + (time - $0).wholeNanoseconds / 8) } ?? time
    }
}
