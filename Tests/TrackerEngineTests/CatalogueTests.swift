import ByteStrings
import Testing
import TorrentCore

@testable import TrackerEngine

/// The table of what a tracker offers.
@Suite struct CatalogueTests {
    private var catalogue = Catalogue()

    static func torrent(_ name: String, length: Int64 = 100) throws -> CatalogueTorrent {
        var info = BencodeDictionary()
        info["length"] = .integer(length)
        info["name"] = .text(name)
        info["piece length"] = .integer(16_384)
        info["pieces"] = .string(Array(repeating: 7, count: 20 * Int((length + 16_383) / 16_384)))
        var root = BencodeDictionary()
        root["info"] = .dictionary(info)
        return try CatalogueTorrent(parsing: BencodeValue.dictionary(root).encoded)
    }

    @discardableResult
    private mutating func publish(
        _ name: String, length: Int64 = 100, by publisher: IPAddress? = nil, at seconds: Int64 = 0,
        busy: Set<String> = []
    ) throws -> Catalogue.Publication {
        let known = catalogue
        return try catalogue.publish(Self.torrent(name, length: length), by: publisher, at: seconds) { infoHash in
            known[infoHash].map { busy.contains($0.torrent.name.description) } ?? false
        }
    }

    private func list(_ change: (inout CatalogueQuery) -> Void = { _ in }) -> [String] {
        var query = CatalogueQuery()
        change(&query)
        let view = CatalogueView(entries: catalogue.entries, changes: catalogue.changes, counts: [])
        return view.page(query).entries.map(\.torrent.name.description)
    }

    @Test mutating func `a number is used once, whatever goes`() throws {
        let first = try publish("a")
        #expect(first.isNew && first.entry.number == 1)
        let again = try publish("a")
        #expect(!again.isNew && again.entry.number == 1 && catalogue.changes == 1)
        #expect(catalogue.withdraw(first.entry.torrent.infoHash)?.number == 1)
        #expect(catalogue[1] == nil && catalogue[first.entry.torrent.infoHash] == nil && catalogue.bytes == 0)
        #expect(catalogue.withdraw(first.entry.torrent.infoHash) == nil)
        #expect(try publish("a").entry.number == 2)
        // As after a restart, when the file of the last number is gone.
        var other = Catalogue()
        #expect(try other.restore(Self.torrent("b"), number: 5, added: 7))
        #expect(try !other.restore(Self.torrent("c"), number: 5, added: 7))
        #expect(try !other.restore(Self.torrent("b"), number: 6, added: 7))
        other.skipNumbers(below: 9)
        #expect(try other.publish(Self.torrent("d"), by: nil, at: 0) { _ in false }.entry.number == 9)
    }

    @Test mutating func `when it is full the oldest without peers goes, and none where all have some`() throws {
        catalogue.limits.torrents = 3
        for name in ["a", "b", "c"] { try publish(name) }
        let published = try publish("d", busy: ["a"])
        #expect(published.removed.map(\.torrent.name) == ["b"])
        #expect(list() == ["d", "c", "a"])
        #expect(throws: CatalogueRefusal.full) { try publish("e", busy: ["a", "c", "d"]) }
        #expect(list() == ["d", "c", "a"] && catalogue.nextNumber == 5)
    }

    @Test mutating func `bytes make room as torrents do, and one of them has its own bound`() throws {
        let cost = try Self.torrent("a").cost
        catalogue.limits.bytes = 2 * cost
        for name in ["a", "b", "c"] { try publish(name) }
        #expect(list() == ["c", "b"] && catalogue.bytes == 2 * cost)
        catalogue.limits.torrentBytes = 50
        #expect(throws: CatalogueRefusal.tooLarge(limit: 50)) { try publish("d") }
    }

    @Test mutating func `a stranger has a share`() throws {
        catalogue.limits.torrentsPerAddress = 2
        try publish("a", by: .loopbackV4)
        try publish("b", by: .loopbackV4)
        #expect(throws: CatalogueRefusal.quota(torrents: 2)) { try publish("c", by: .loopbackV4) }
        try publish("c", by: .loopbackV6)
        try publish("d")
        _ = try catalogue.withdraw(Self.torrent("a").infoHash)
        try publish("e", by: .loopbackV4)
        catalogue.limits.bytesPerAddress = 100
        #expect(throws: CatalogueRefusal.quota(torrents: 1)) { try publish("f", by: .loopbackV6) }
    }

    @Test mutating func `a search wants every word, without case, or the beginning of an info hash`() throws {
        for name in ["Ice and Fire", "fire.txt", "Ärger"] { try publish(name) }
        #expect(list { $0.text = "FIRE" } == ["fire.txt", "Ice and Fire"])
        #expect(list { $0.text = " fire  ice " } == ["Ice and Fire"])
        #expect(list { $0.text = "rger" } == ["Ärger"])
        #expect(list { $0.text = "fires" } == [])
        let hex = try Self.torrent("Ärger").infoHash.hex
        #expect(list { $0.text = ByteString(String(hex.prefix(12)).uppercased()) } == ["Ärger"])
    }

    @Test mutating func `a list is ordered by what is asked, equals by the newest, and comes in pages`() throws {
        for (name, length, seconds) in [("b", 5, 30), ("C", 9, 10), ("a", 9, 20)] as [(String, Int64, Int64)] {
            try publish(name, length: length, at: seconds)
        }
        #expect(list() == ["a", "C", "b"])
        #expect(list { $0.isReversed = true } == ["b", "C", "a"])
        #expect(list { $0.key = .name } == ["a", "b", "C"])
        #expect(list { $0.key = .size } == ["a", "C", "b"])
        #expect(list { ($0.key, $0.isReversed) = (.size, true) } == ["b", "C", "a"])
        #expect(list { $0.key = .age } == ["b", "a", "C"])
        #expect(list { ($0.offset, $0.limit) = (1, 1) } == ["C"])
        #expect(list { ($0.offset, $0.limit) = (2, 500) } == ["b"])
        #expect(list { $0.offset = .max } == [])
        #expect(list { $0.limit = 0 } == [])
    }

    @Test mutating func `torrents that share a name are found by it, oldest first`() throws {
        try publish("same", length: 1)
        let second = try publish("same", length: 2)
        #expect(catalogue.entries(named: "same").map(\.number) == [1, 2])
        catalogue.withdraw(second.entry.torrent.infoHash)
        #expect(catalogue.entries(named: "same").map(\.number) == [1])
        #expect(catalogue.entries(named: "other").isEmpty)
    }

    /// Against a table of the plainest kind, since positions, numbers and bytes are kept in several places.
    @Test func `drawn events leave it as a plain list would be`() throws {
        var chance = SplitMix64(seed: 17)
        var (catalogue, model, next) = (Catalogue(), [(number: Int, name: String)](), 1)
        catalogue.limits.torrents = 6
        let names = (0..<12).map { "t\($0)" }
        let torrents = try names.map { try Self.torrent($0) }
        for _ in 0..<2_000 {
            let pick = chance.next(below: names.count)
            if chance.next(below: 3) == 0 {
                let had = model.contains { $0.name == names[pick] }
                #expect((catalogue.withdraw(torrents[pick].infoHash) != nil) == had)
                model.removeAll { $0.name == names[pick] }
            } else if !model.contains(where: { $0.name == names[pick] }) {
                _ = try catalogue.publish(torrents[pick], by: nil, at: 0) { _ in false }
                if model.count == 6 { model.removeFirst() }
                model.append((next, names[pick]))
                next += 1
            }
            #expect(catalogue.entries.map(\.number) == model.map(\.number))
            #expect(catalogue.bytes == catalogue.entries.reduce(0) { $0 + $1.torrent.cost })
            for (torrent, name) in zip(torrents, names) {
                #expect(catalogue[torrent.infoHash]?.number == model.first { $0.name == name }?.number)
            }
        }
    }
}
