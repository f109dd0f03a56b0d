import TorrentCore

/// What a lookup thinks of the answers that it gets.
struct LookupTrust {
    /// So many answers have to be bad before there can be an alarm.
    static let fewestForAlarm = 4

    /// Nodes whose id does not fit that were asked.
    var unfittingAsked = 0
    private(set) var isAlarmed = false
    private var answers = 0
    private var halfRefused = 0
    /// Of each answer, how many nodes that it was the first to name are in flight or silent.
    private var out: [Int] = []

    /// The next answer's number.
    mutating func nextAnswer() -> Int {
        out.append(0)
        return out.count - 1
    }

    mutating func answered(naming count: Int, refused: Int) {
        guard count > 0 else { return }
        answers += 1
        if refused * 2 >= count { halfRefused += 1 }
        if halfRefused >= Self.fewestForAlarm, halfRefused * 3 >= answers { isAlarmed = true }
    }

    mutating func isOut(ofAnswer answer: Int) { out[answer] += 1 }

    mutating func isProven(ofAnswer answer: Int) { out[answer] -= 1 }

    func mayAsk(_ candidate: Candidate, most: Int) -> Bool {
        guard let answer = candidate.namedBy else { return true }
        return out[answer] < most
    }
}
