/// What is remembered of the sizes that peers have named: which of them somebody lied about, and how often each has
/// been given up in favour of others.
struct ClaimedSizes {
    private struct Entry {
        let size: Int
        var turns = 0
        var isSuspect = false
    }

    // Oldest first. When there are too many, the oldest is forgotten that is not suspect: suspicion never ends, since
    // the assemblies of a size go by it. If all are suspect, nothing more is remembered.
    private var entries: [Entry] = []

    static let mostEntries = 256

    /// Metadata of this size has come out wrong, from several: each is asked alone.
    func isSuspect(_ size: Int) -> Bool { entries.contains { $0.size == size && $0.isSuspect } }

    func turns(of size: Int) -> Int { entries.first { $0.size == size }?.turns ?? 0 }

    mutating func suspect(_ size: Int) { change(size) { $0.isSuspect = true } }

    mutating func hadTurn(_ size: Int) { change(size) { $0.turns += 1 } }

    private mutating func change(_ size: Int, _ body: (inout Entry) -> Void) {
        if let position = entries.firstIndex(where: { $0.size == size }) { return body(&entries[position]) }
        if entries.count == Self.mostEntries {
            guard let oldest = entries.firstIndex(where: { !$0.isSuspect }) else { return }
            entries.remove(at: oldest)
        }
        var entry = Entry(size: size)
        body(&entry)
        entries.append(entry)
    }
}
