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

        package init(number: Int, torrent: CatalogueTorrent, added: Int64, publisher: IPAddress?) {
            self.number = number
            self.torrent = torrent
            self.added = added
            self.publisher = publisher
        }
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

    /// The number that comes next is never above this, so that JSON and whoever reads it can hold it exactly.
    package static let mostNumber = 1 << 53

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

    /// The first of those that have exactly this name, oldest first, and how many have it.
    package func entries(named name: ByteString, limit: Int) -> (first: [Entry], count: Int) {
        let numbers = named[name, default: []]
        return (numbers.prefix(limit).compactMap { self[$0] }, numbers.count)
    }

    private func position(of number: Int) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].number == number ? low : nil
    }

    // MARK: Coming and going

    /// What comes of publishing a torrent.
    package struct Publication: Sendable {
        package var entry: Entry
        /// False if it was there already.
        package var isNew: Bool
        /// Those that make room, oldest first.
        package var removed: [Entry] = []
    }

    /// Says what publishing a torrent would do, and changes nothing: where there is no room, the oldest that `hasPeers`
    /// is not true of go, and none goes unless all of it finds room.
    package func plan(
        _ torrent: CatalogueTorrent, by publisher: IPAddress?, at seconds: Int64, hasPeers: (InfoHash) -> Bool
    ) throws(CatalogueRefusal) -> Publication {
        if let entry = self[torrent.infoHash] { return Publication(entry: entry, isNew: false) }
        guard torrent.file.bytes.count <= limits.torrentBytes else { throw .tooLarge(limit: limits.torrentBytes) }
        guard nextNumber < Self.mostNumber else { throw .full }
        if let publisher { try checkQuota(of: publisher, torrent) }
        let entry = Entry(number: nextNumber, torrent: torrent, added: seconds, publisher: publisher)
        return Publication(entry: entry, isNew: true, removed: try room(for: torrent, hasPeers))
    }

    /// Does what was planned. Nothing may have come or gone since.
    package mutating func carryOut(_ publication: Publication) {
        guard publication.isNew else { return }
        precondition(publication.entry.number == nextNumber, "a plan holds until something comes or goes")
        remove(publication.removed)
        insert(publication.entry)
    }

    /// The numbers below have been used.
    package mutating func skipNumbers(below number: Int) {
        nextNumber = max(nextNumber, min(number, Self.mostNumber))
    }

    /// Of a number that is above all others.
    mutating func insert(_ entry: Entry) {
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
        guard let entry = self[infoHash] else { return nil }
        remove([entry])
        return entry
    }

    /// Takes out entries that are listed, in one pass however many they are.
    private mutating func remove(_ leaving: [Entry]) {
        guard !leaving.isEmpty else { return }
        let gone = Set(leaving.map(\.number))
        entries.removeAll { gone.contains($0.number) }
        var seen: Set<ByteString> = []
        for entry in leaving {
            numbers[entry.torrent.infoHash] = nil
            bytes -= entry.torrent.cost
            nameCount -= names.removeValue(forKey: entry.number)?.peers.count ?? 0
            guard seen.insert(entry.torrent.name).inserted else { continue }
            let sharing = named[entry.torrent.name, default: []].filter { !gone.contains($0) }
            named[entry.torrent.name] = sharing.isEmpty ? nil : sharing
        }
        filter = CatalogueFilter()
        for entry in entries { filter.insert(entry.torrent.infoHash) }
        changes += 1
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
