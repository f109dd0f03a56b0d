import TorrentCore

/// The lookups that run (BEP 5), and those of them that wait for their turn to ask somebody.
struct Walks {
    /// Lookups by hand that wait to begin; further ones end at once.
    static let mostQueued = 256
    /// A lookup that nobody waits for begins when no more than so many others wait for their turn: begun all at once,
    /// all would end late.
    static let mostWaiting = 2

    private(set) var all: [Lookup] = []
    private var lastNumber = 0
    /// Numbers, in the order in which they may ask one node each.
    private(set) var waiting: [Int] = []
    /// By hand, not begun yet.
    var queue: [(id: DHTInquiryID, inquiry: DHTInquiry)] = []

    /// Those that have not ended.
    var active: Int { all.count { !$0.progress.isOver } }

    var activeByHand: Int { all.count { !$0.progress.isOver && $0.purpose.inquiry != nil } }

    subscript(number: Int) -> Lookup? { all.first { $0.number == number } }

    mutating func nextNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    mutating func begin(_ lookup: Lookup) { all.append(lookup) }

    mutating func remove(_ lookup: Lookup) {
        all.removeAll { $0 === lookup }
        waiting.removeAll { $0 == lookup.number }
    }

    mutating func removeAll() {
        all = []
        waiting = []
        queue = []
    }

    /// When one of them wants to be looked at.
    var deadline: Moment { all.reduce(.distantFuture) { min($0, $1.deadline) } }

    /// It wants to ask somebody and may not yet. Those that somebody waits for go first.
    mutating func waits(_ lookup: Lookup) {
        guard !lookup.progress.isWaiting else { return }
        lookup.progress.isWaiting = true
        guard lookup.purpose.isUrgent,
            let slot = waiting.firstIndex(where: { self[$0].map { !$0.purpose.isUrgent } ?? true })
        else {
            waiting.append(lookup.number)
            return
        }
        waiting.insert(lookup.number, at: slot)
    }

    /// Whether it may ask before those who wait.
    func mayPass(_ lookup: Lookup) -> Bool {
        guard let first = waiting.first.flatMap({ self[$0] }) else { return true }
        return lookup.purpose.isUrgent && !first.purpose.isUrgent
    }

    /// The next one in turn.
    mutating func nextInTurn() -> Lookup? {
        while !waiting.isEmpty {
            guard let lookup = self[waiting.removeFirst()] else { continue }
            lookup.progress.isWaiting = false
            return lookup
        }
        return nil
    }
}
