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
        let plan = try catalogue.plan(Self.torrent(name, length: length), by: publisher, at: seconds) { infoHash in
            catalogue[infoHash].map { busy.contains($0.torrent.name.description) } ?? false
        }
        catalogue.carryOut(plan)
        return plan
    }

    private func list(_ change: (inout CatalogueQuery) -> Void = { _ in }) -> [String] {
        var query = CatalogueQuery()
        change(&query)
        let order = CatalogueOrder(catalogue.entries, by: query.key)
        return CatalogueView(catalogue.entries, changes: catalogue.changes, order).page(query).entries.map(
            \.torrent.name.description)
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
        // Where the file of it could not be written.
        catalogue.skipNumbers(below: 9)
        catalogue.skipNumbers(below: 4)
        #expect(try publish("b").entry.number == 9)
    }

    @Test mutating func `numbers end where not everybody can hold them`() throws {
        catalogue.skipNumbers(below: Catalogue.mostNumber - 1)
        #expect(try publish("a").entry.number == Catalogue.mostNumber - 1)
        #expect(throws: CatalogueRefusal.full) { try publish("b") }
        catalogue.skipNumbers(below: .max)
        #expect(throws: CatalogueRefusal.full) { try publish("b") }
        var remains = Catalogue.Remains(CatalogueLimits())
        for number in [0, -1, Catalogue.mostNumber, Int.max] {
            #expect(try remains.take(Self.entry("a", number)) == false)
        }
        #expect(try remains.take(Self.entry("a", Catalogue.mostNumber - 1)) == true)
    }

    private static func entry(_ name: String, _ number: Int) throws -> Catalogue.Entry {
        Catalogue.Entry(number: number, torrent: try torrent(name), added: 7, publisher: .loopbackV4)
    }

    @Test mutating func `a plan changes nothing until it is carried out`() throws {
        catalogue.limits.torrents = 2
        for name in ["a", "b"] { try publish(name) }
        let plan = try catalogue.plan(Self.torrent("c"), by: nil, at: 0) { _ in false }
        #expect(plan.removed.map(\.torrent.name) == ["a"] && plan.entry.number == 3)
        #expect(list() == ["b", "a"] && catalogue.changes == 2)
        catalogue.carryOut(plan)
        #expect(list() == ["c", "b"])
    }

    @Test mutating func `an earlier run is taken in from the newest on, as long as there is room`() throws {
        let cost = try Self.torrent("a").cost
        catalogue.limits.bytes = 3 * cost
        var remains = Catalogue.Remains(catalogue.limits)
        // A crash came before 1 was removed, which had made room for 7.
        for (name, number, isTaken) in [
            ("d", 7, true), ("c", 5, true), ("d", 4, false), ("b", 2, true), ("a", 1, false),
        ] {
            #expect(try remains.take(Self.entry(name, number)) == isTaken, "\(name)")
        }
        #expect(remains.mayTake(1) == false)
        catalogue.restore(remains)
        #expect(list() == ["d", "c", "b"] && catalogue.bytes == 3 * cost && catalogue.nextNumber == 8)
        catalogue.limits.torrentsPerAddress = 3
        #expect(throws: CatalogueRefusal.quota(torrents: 3)) { try publish("e", by: .loopbackV4) }
    }

    @Test mutating func `many go at once, and leave nothing behind`() throws {
        for name in 0..<40 { try publish("same", length: Int64(name)) }
        let kept = try publish("kept").entry
        let before = catalogue.changes
        let large = try Self.torrent("large", length: 16_384 * 500)
        catalogue.limits.bytes = large.cost + kept.torrent.cost
        let plan = try catalogue.plan(large, by: nil, at: 0) { $0 == kept.torrent.infoHash }
        #expect(plan.removed.map(\.number) == Array(1...40))
        catalogue.carryOut(plan)
        #expect(list() == ["large", "kept"] && catalogue.bytes == catalogue.limits.bytes)
        #expect(catalogue.entries(named: "same", limit: 9).count == 0 && catalogue.changes == before + 2)
        #expect(plan.removed.allSatisfy { catalogue[$0.torrent.infoHash] == nil })
    }

    @Test mutating func `an order stands until something comes or goes, one by counts for a second`() throws {
        for name in ["a", "b"] { try publish(name) }
        var orders = CatalogueOrders()
        let now = Moment(nanoseconds: 5)
        for key in CatalogueQuery.Key.allCases {
            #expect(orders.order(by: key, changes: 2, at: now) == nil)
            let counts = [ScrapeCounts](repeating: ScrapeCounts(), count: key.isOfCounts ? 2 : 0)
            orders.keep(CatalogueOrder(catalogue.entries, by: key, counts), by: key, changes: 2, at: now)
            #expect(orders.order(by: key, changes: 2, at: now + .milliseconds(999)) != nil)
            #expect((orders.order(by: key, changes: 2, at: now + .seconds(1)) != nil) == !key.isOfCounts)
            #expect(orders.order(by: key, changes: 3, at: now) == nil)
        }
    }

    @Test mutating func `an order by counts begins with the most`() throws {
        for name in ["a", "b", "c"] { try publish(name) }
        let counts = [(1, 2, 0), (3, 1, 0), (1, 9, 7)].map { seeders, leechers, downloads in
            ScrapeCounts(complete: seeders, incomplete: leechers, downloaded: downloads)
        }
        for (key, names) in [
            (.seeders, ["b", "c", "a"]), (.leechers, ["c", "a", "b"]), (.downloads, ["c", "b", "a"]),
        ]
            as [(CatalogueQuery.Key, [String])]
        {
            var query = CatalogueQuery()
            query.key = key
            let view = CatalogueView(catalogue.entries, changes: 3, CatalogueOrder(catalogue.entries, by: key, counts))
            #expect(view.page(query).entries.map(\.torrent.name.description) == names)
            query.isReversed = true
            query.limit = 2
            #expect(view.page(query).entries.map(\.torrent.name.description) == Array(names.reversed().prefix(2)))
        }
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
        for name in ["names begin alike 2", "names begin alike", "names begin", "names begin alike 1"] {
            try publish(name, length: 1, at: 0)
        }
        #expect(
            list { $0.key = .name }.dropFirst(3)
                == ["names begin", "names begin alike", "names begin alike 1", "names begin alike 2"])
        for name in list().prefix(4) { _ = try catalogue.withdraw(Self.torrent(name, length: 1).infoHash) }
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
        #expect(catalogue.entries(named: "same", limit: 9).first.map(\.number) == [1, 2])
        let limited = catalogue.entries(named: "same", limit: 1)
        #expect(limited.first.map(\.number) == [1] && limited.count == 2)
        catalogue.withdraw(second.entry.torrent.infoHash)
        #expect(catalogue.entries(named: "same", limit: 9).first.map(\.number) == [1])
        #expect(catalogue.entries(named: "other", limit: 9).count == 0)
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
                catalogue.carryOut(try catalogue.plan(torrents[pick], by: nil, at: 0) { _ in false })
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
