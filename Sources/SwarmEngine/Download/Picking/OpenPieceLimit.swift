/// How many pieces may be open at once, and for which of three reasons no more.
struct OpenPieceLimit {
    /// As many as fit into the budget of the torrent; at least two, so that one goes on while the other is verified.
    private let byBudget: Int
    /// While the system is short of memory.
    private var byShortage = Int.max
    /// What the shell allows, who shares memory out among torrents; it decides when there are more.
    private var byAllowance = Int.max
    /// The shell has been asked for more, and has not said since how many may be open.
    private var hasAsked = false

    init(openBytes: Int, pieceLength: Int) {
        byBudget = max(2, openBytes / pieceLength)
    }

    var most: Int { min(ourOwn, byAllowance) }

    /// Without regard to what other torrents need: if so many are open, none of them may be waited for patiently.
    var ourOwn: Int { min(byBudget, byShortage) }

    /// There was no memory for one more than `count`.
    mutating func ranShort(at count: Int) { byShortage = min(byShortage, count) }

    /// There may be memory again.
    mutating func mayBeBack() { byShortage = .max }

    mutating func allow(_ count: Int) {
        byAllowance = max(0, count)
        hasAsked = false
    }

    /// One piece was given up for the sake of another torrent, which leaves `count`: no other takes its place.
    mutating func gaveUpOne(leaving count: Int) {
        byAllowance = min(byAllowance, count)
        hasAsked = false
    }

    /// Whether to ask the shell for one more than `count`; the caller does, and says so with `asked`.
    func isWorthAsking(beyond count: Int) -> Bool { !hasAsked && byAllowance <= count && count < ourOwn }

    mutating func asked() { hasAsked = true }
}
