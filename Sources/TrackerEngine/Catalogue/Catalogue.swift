package import ByteStrings
package import TorrentCore

/// The torrents that a tracker offers: by number, by info hash and by name, and what their peers are called.
///
/// Entries stand in the order of their numbers, which is that of their coming.
package struct Catalogue: Sendable {
    /// One torrent that is listed.
    package struct Entry: Sendable {
        /// Never used twice.
        package let number: Int
        package let torrent: CatalogueTorrent
        /// Seconds since 1970.
        package let added: Int64
        /// The address of a stranger who published it; nil if that was the owner.
        package let publisher: IPAddress?
    }

    package var limits = CatalogueLimits()
    /// In the order of their numbers.
    package private(set) var entries: [Entry] = []
    /// Grows whenever a torrent comes or goes.
    package private(set) var changes = 0
    /// The number of the torrent that comes next.
    package private(set) var nextNumber = 1
    /// Bytes of all torrents.
    package private(set) var bytes = 0
    private var numbers: [InfoHash: Int] = [:]
    private var named: [ByteString: [Int]] = [:]
    private var filter = CatalogueFilter()
    var names: [Int: PeerNames] = [:]
    var nameCount = 0
    // Where the search for names of peers that are gone goes on.
    var expiryPosition = 0

    package init() {}

    // MARK: Looking

    package var isEmpty: Bool { entries.isEmpty }

    /// Whether the torrent is listed. Next to nothing is asked of those that are not.
    @inline(__always)
    func number(of infoHash: InfoHash) -> Int? {
        guard filter.mayHold(infoHash) else { return nil }
        return numbers[infoHash]
    }

    /// The torrent of an info hash.
    package subscript(infoHash: InfoHash) -> Entry? { number(of: infoHash).flatMap { self[$0] } }

    /// The torrent of a number.
    package subscript(number: Int) -> Entry? { position(of: number).map { entries[$0] } }

    /// Those of exactly this name, oldest first.
    package func entries(named name: ByteString) -> [Entry] { named[name, default: []].compactMap { self[$0] } }

    private func position(of number: Int) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].number == number ? low : nil
    }

    // MARK: Coming and going

    /// What came of publishing a torrent.
    package struct Publication: Sendable {
        package var entry: Entry
        /// False if it was there already.
        package var isNew: Bool
        /// Those that made room, oldest first.
        package var removed: [Entry] = []
    }

    /// Takes a torrent in; where there is no room, the oldest that `hasPeers` is not true of go, and none goes unless
    /// all of it finds room.
    package mutating func publish(
        _ torrent: CatalogueTorrent, by publisher: IPAddress?, at seconds: Int64, hasPeers: (InfoHash) -> Bool
    ) throws(CatalogueRefusal) -> Publication {
        if let entry = self[torrent.infoHash] { return Publication(entry: entry, isNew: false) }
        guard torrent.file.bytes.count <= limits.torrentBytes else { throw .tooLarge(limit: limits.torrentBytes) }
        if let publisher { try checkQuota(of: publisher, torrent) }
        let leaving = try room(for: torrent, hasPeers)
        for entry in leaving { withdraw(entry.torrent.infoHash) }
        let entry = Entry(number: nextNumber, torrent: torrent, added: seconds, publisher: publisher)
        insert(entry)
        return Publication(entry: entry, isNew: true, removed: leaving)
    }

    /// What an earlier run had, in the order of the numbers; false if there is no room.
    package mutating func restore(_ torrent: CatalogueTorrent, number: Int, added: Int64) -> Bool {
        guard number >= nextNumber, self[torrent.infoHash] == nil, entries.count < limits.torrents,
            bytes + torrent.cost <= limits.bytes, torrent.file.bytes.count <= limits.torrentBytes
        else { return false }
        nextNumber = number
        insert(Entry(number: number, torrent: torrent, added: added, publisher: nil))
        return true
    }

    /// The numbers below have been used.
    package mutating func skipNumbers(below number: Int) { nextNumber = max(nextNumber, number) }

    private mutating func insert(_ entry: Entry) {
        entries.append(entry)
        numbers[entry.torrent.infoHash] = entry.number
        named[entry.torrent.name, default: []].append(entry.number)
        filter.insert(entry.torrent.infoHash)
        bytes += entry.torrent.cost
        nextNumber = entry.number + 1
        changes += 1
    }

    /// Takes a torrent out; nil if it is not listed.
    @discardableResult
    package mutating func withdraw(_ infoHash: InfoHash) -> Entry? {
        guard let number = number(of: infoHash), let position = position(of: number) else { return nil }
        let entry = entries.remove(at: position)
        numbers[infoHash] = nil
        let sharing = named[entry.torrent.name, default: []].filter { $0 != number }
        named[entry.torrent.name] = sharing.isEmpty ? nil : sharing
        bytes -= entry.torrent.cost
        nameCount -= names.removeValue(forKey: number)?.peers.count ?? 0
        filter = CatalogueFilter()
        for entry in entries { filter.insert(entry.torrent.infoHash) }
        changes += 1
        return entry
    }

    private func checkQuota(of publisher: IPAddress, _ torrent: CatalogueTorrent) throws(CatalogueRefusal) {
        let theirs = entries.filter { $0.publisher == publisher }
        let bytes = theirs.reduce(torrent.cost) { $0 + $1.torrent.cost }
        guard theirs.count < limits.torrentsPerAddress, bytes <= limits.bytesPerAddress else {
            throw .quota(torrents: theirs.count)
        }
    }

    /// Whom a torrent takes the place of.
    private func room(for torrent: CatalogueTorrent, _ hasPeers: (InfoHash) -> Bool) throws(CatalogueRefusal) -> [Entry]
    {
        var leaving: [Entry] = []
        var (count, bytes) = (entries.count + 1, bytes + torrent.cost)
        for entry in entries {
            guard count > limits.torrents || bytes > limits.bytes else { break }
            guard !hasPeers(entry.torrent.infoHash) else { continue }
            leaving.append(entry)
            count -= 1
            bytes -= entry.torrent.cost
        }
        guard count <= limits.torrents, bytes <= limits.bytes else { throw .full }
        return leaving
    }
}

/// Says of nearly every torrent that is not listed that it is not, by a look at one word.
struct CatalogueFilter: Sendable {
    private var words: [UInt64] = []

    /// 16 KiB; one bit in thirteen is set where 10,000 torrents are listed.
    private static let bits = 1 << 17

    @inline(__always)
    func mayHold(_ infoHash: InfoHash) -> Bool {
        guard !words.isEmpty else { return false }
        let bit = Self.bit(infoHash)
        return words[bit >> 6] >> UInt64(bit & 63) & 1 != 0
    }

    mutating func insert(_ infoHash: InfoHash) {
        if words.isEmpty { words = Array(repeating: 0, count: Self.bits / 64) }
        let bit = Self.bit(infoHash)
        words[bit >> 6] |= 1 << UInt64(bit & 63)
    }

    @inline(__always)
    private static func bit(_ infoHash: InfoHash) -> Int { Int(infoHash.bytes.words.low) & (bits - 1) }
}
