import TorrentCore

/// What is remembered of the sizes that peers have named: which of them somebody lied about, and which turns each has
/// had before it was given up in favour of others.
struct ClaimedSizes {
    private struct Entry {
        let size: Int
        var turns = MetadataTurns()
        var isSuspect = false
    }

    // Those changed last are last. When there are too many, the first is forgotten that is not suspect: suspicion never
    // ends, since the assemblies of a size go by it. If all are suspect, nothing more is remembered, and every size is
    // suspect.
    private var entries: [Entry] = []
    private var suspectsAll = false

    static let mostEntries = 256

    /// Metadata of this size has come out wrong, from several: each is asked alone.
    func isSuspect(_ size: Int) -> Bool {
        suspectsAll || entries.contains { $0.size == size && $0.isSuspect }
    }

    func turns(of size: Int) -> MetadataTurns { entries.first { $0.size == size }?.turns ?? MetadataTurns() }

    mutating func suspect(_ size: Int) { change(size) { $0.isSuspect = true } }

    mutating func hadTurn(_ size: Int, at now: Moment) { change(size) { $0.turns.end(at: now) } }

    private mutating func change(_ size: Int, _ body: (inout Entry) -> Void) {
        var entry = Entry(size: size)
        if let position = entries.firstIndex(where: { $0.size == size }) {
            entry = entries.remove(at: position)
        } else if entries.count == Self.mostEntries {
            guard let oldest = entries.firstIndex(where: { !$0.isSuspect }) else {
                suspectsAll = true
                return
            }
            entries.remove(at: oldest)
        }
        body(&entry)
        entries.append(entry)
    }
}

/// The turns that somebody, or all who name a size, have had, each of which ended in favour of others.
struct MetadataTurns: Hashable {
    private(set) var count = 0
    private var endedAt = Moment.zero

    /// So long a wait makes up for a turn: else whoever names ever new sizes would always come first.
    static let patience = Duration.seconds(120)

    mutating func end(at now: Moment) {
        count += 1
        endedAt = now
    }

    /// Who has the least is next.
    func rank(at now: Moment) -> Int {
        count == 0 ? 0 : count - Int((now - endedAt) / Self.patience)
    }
}
