import TorrentCore

/// What we have asked and nobody has answered yet, each known by its transaction id (BEP 5).
struct OpenQuestions {
    /// Questions that are open at once: nothing more is asked until some are answered or forgotten.
    static let mostOpen = 1_024

    /// What an answer is for.
    enum Purpose: Hashable {
        /// A node of a lookup, by its number there.
        case lookup(Int, candidate: UInt16)
        case announce(Int, candidate: UInt16)
        case ping(DHTInquiryID)
        /// Is it still there, or there at all?
        case care
    }

    struct Question {
        let endpoint: Endpoint
        /// Whom we take it for; nil if nobody has named it.
        let id: NodeID?
        let purpose: Purpose
        let sentAt: Moment
    }

    private struct Expiry {
        let transaction: UInt32
        let forgottenAt: Moment
    }

    private var open: [UInt32: Question] = [:]
    /// In the order in which they are forgotten. Those that were answered are left out when their turn comes.
    private var order: [Expiry] = []
    private var first = 0
    private var transactions: Transactions

    init(seed: UInt64) {
        transactions = Transactions(seed: seed)
    }

    var count: Int { open.count }
    var isFull: Bool { open.count >= Self.mostOpen }

    /// When the next one is forgotten.
    var deadline: Moment { first < order.count ? order[first].forgottenAt : .distantFuture }

    /// Keeps a question, and gives what its answer has to repeat.
    mutating func ask(_ question: Question, forgottenAt: Moment) -> [UInt8] {
        var transaction = transactions.next()
        while open[transaction] != nil { transaction = transactions.next() }
        open[transaction] = question
        order.append(Expiry(transaction: transaction, forgottenAt: forgottenAt))
        var bytes: [UInt8] = []
        bytes.appendBigEndian(transaction)
        return bytes
    }

    /// The question that this answers: it has to come from where we asked.
    mutating func answered(_ transaction: [UInt8], from endpoint: Endpoint) -> Question? {
        guard transaction.count == 4 else { return nil }
        let transaction = transaction.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard let question = open[transaction], question.endpoint == endpoint else { return nil }
        open[transaction] = nil
        skipAnswered()
        return question
    }

    /// The next question whose time has come.
    mutating func nextForgotten(at now: Moment) -> Question? {
        while first < order.count, order[first].forgottenAt <= now {
            let transaction = order[first].transaction
            first += 1
            if let question = open.removeValue(forKey: transaction) {
                skipAnswered()
                return question
            }
        }
        compact()
        return nil
    }

    /// All questions: nobody waits for an answer any more.
    mutating func takeAll() -> [Question] {
        let taken = order[first...].compactMap { open.removeValue(forKey: $0.transaction) }
        skipAnswered()
        return taken
    }

    /// All questions to an address at which nobody is.
    mutating func takeAll(to endpoint: Endpoint) -> [Question] {
        var taken: [Question] = []
        for expiry in order[first...] where open[expiry.transaction]?.endpoint == endpoint {
            if let question = open.removeValue(forKey: expiry.transaction) { taken.append(question) }
        }
        skipAnswered()
        return taken
    }

    private mutating func skipAnswered() {
        while first < order.count, open[order[first].transaction] == nil { first += 1 }
        compact()
    }

    private mutating func compact() {
        guard first > 64, first * 2 > order.count else { return }
        order.removeFirst(first)
        first = 0
    }
}

/// Numbers that nobody can guess who has seen others of them: an answer is only believed that repeats one.
struct Transactions {
    private let key: UInt64
    private var count: UInt64 = 0
    private var batch: [UInt8] = []

    init(seed: UInt64) {
        key = seed
    }

    mutating func next() -> UInt32 {
        if batch.count < 4 { batch = digest() }
        let number = batch.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        batch.removeLast(4)
        return number
    }

    private mutating func digest() -> [UInt8] {
        var input: [UInt8] = []
        input.appendBigEndian(key)
        input.appendBigEndian(count)
        count += 1
        return SHA1.digest(of: input).bytes.array
    }
}
