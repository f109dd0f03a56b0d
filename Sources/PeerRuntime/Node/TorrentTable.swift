import TorrentCore
import TorrentIO

/// The torrents of a node by info hash, and how many live on each reactor. A torrent that was removed stays beside the
/// table until it has ended; one with the same info hash can be added at once, and begins after that.
struct TorrentTable {
    /// A torrent of the node.
    struct Entry {
        let task: TorrentTask
        /// Where its progress stands.
        let place: ProgressBoard.Place
        var limits: TransferLimits
        /// Its own rates, within those of the node; they can be changed from any thread.
        let limiters: LinkLimiters
        /// Who has announced itself at the tracker of this process.
        let newcomers = NewcomerQueue()
        /// Entries are listed in this order.
        fileprivate let number: Int
        /// Nil as long as it lives.
        var ending: TorrentTask.Ending?
    }

    private var entries: [InfoHash: Entry] = [:]
    private var leaving: [InfoHash: [TorrentTask]] = [:]
    /// Torrents that have not ended, by the number of their reactor.
    private var loads: [Int]
    private var lastNumber = 0

    init(reactors: Int) {
        loads = Array(repeating: 0, count: reactors)
    }

    subscript(infoHash: InfoHash) -> Entry? { entries[infoHash] }

    /// In the order in which they were added.
    var all: [Entry] { entries.values.sorted { $0.number < $1.number } }

    /// Whether any torrent has not ended, in the table or beside it.
    var isAnyAlive: Bool { loads.contains { $0 > 0 } }

    /// The reactor where the fewest live.
    var emptiestReactor: Int { loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0 }

    /// A torrent of this name has been removed and has not ended yet.
    func isLeaving(_ infoHash: InfoHash) -> Bool { leaving[infoHash] != nil }

    /// The info hash must be free, and the task is not at work yet.
    mutating func insert(
        _ task: TorrentTask, limits: TransferLimits, limiters: LinkLimiters, reactor: Int
    ) {
        precondition(entries[task.infoHash] == nil, "a torrent is there once")
        lastNumber += 1
        entries[task.infoHash] = Entry(
            task: task, place: task.tally.place, limits: limits, limiters: limiters, number: lastNumber)
        loads[reactor] += 1
    }

    mutating func setLimits(_ limits: TransferLimits, for infoHash: InfoHash) {
        entries[infoHash]?.limits = limits
    }

    /// Takes it out; nil if it is not there.
    mutating func remove(_ infoHash: InfoHash) -> Entry? {
        guard let entry = entries.removeValue(forKey: infoHash) else { return nil }
        if entry.ending == nil { leaving[infoHash, default: []].append(entry.task) }
        return entry
    }

    /// A torrent has ended, which lived on `reactor`. Answers whether it was still in the table, and with one of the
    /// same name that may begin now.
    mutating func ended(
        _ task: TorrentTask, _ ending: TorrentTask.Ending, reactor: Int
    ) -> (wasListed: Bool, next: TorrentTask?) {
        loads[reactor] -= 1
        let infoHash = task.infoHash
        if entries[infoHash]?.task === task {
            entries[infoHash]?.ending = ending
            return (true, nil)
        }
        leaving[infoHash]?.removeAll { $0 === task }
        guard leaving[infoHash]?.isEmpty == true else { return (false, nil) }
        leaving[infoHash] = nil
        let next = entries[infoHash]
        return (false, next?.ending == nil ? next?.task : nil)
    }
}
