import TorrentCore
import TorrentIO
import TrackerEngine

/// A full catalogue: its first list in several orders, as JSON, and announces of torrents that are not in it and that
/// are.
func measureListing(_ bench: Bench) {
    let torrents = bench.isShort ? 100 : 10_000
    var tracker = Tracker(seed: 1)
    let now = MonotonicClock.now()
    var answer = PackedAnnounceResponse()
    var hashes: [InfoHash] = []
    func announce(_ infoHash: InfoHash, port: Int) {
        let request = AnnounceRequest(
            infoHash: infoHash, peerID: PeerID(.zero), port: UInt16(6_881 + port), left: 0, numberWanted: 0)
        let origin = RequestOrigin(connection: .v4(0x0800_0001), packetBytes: nil)
        do { try tracker.announce(request, from: origin, at: now, answer: &answer) } catch {
            preconditionFailure("the announce of a benchmark is good: \(error)")
        }
    }
    do {
        for number in 0..<torrents {
            let torrent = try listedTorrent(number)
            hashes.append(torrent.infoHash)
            tracker.catalogue.carryOut(try tracker.plan(torrent, by: nil, at: Int64(number)))
            announce(torrent.infoHash, port: number % 100)
        }
        for (name, query) in [
            ("newest", "limit=100"), ("by name", "sort=name"), ("by seeders", "sort=seeders"),
            ("search", "q=holiday+7"),
            (
                "search for many words", "q=y+a+d+i+l+o+h+e+t+f+s+r+u+c+p+n"
            ),
        ] {
            let bytes = Array(query.utf8)
            let parsed = try bytes.withBytes { try CatalogueQuery(query: 0..<bytes.count, of: $0) }
            measureList("list/\(torrents) torrents, \(name)", parsed, of: tracker, at: now, bench)
        }
    } catch {
        preconditionFailure("the catalogue of a benchmark is good: \(error)")
    }
    var generator = SplitMix64(seed: 2)
    let others = (0..<torrents).map { _ in
        InfoHash(Bytes20(high: generator.next(), middle: 1, low: UInt32(truncatingIfNeeded: generator.next())))
    }
    for other in others { announce(other, port: 0) }
    for (name, from) in [("not listed", others), ("listed", hashes)] {
        let each = bench.time { announce(from[Int.random(in: 0..<torrents, using: &generator)], port: 0) }
        bench.say("announce/\(torrents) listed, one \(name)", each, "ns")
    }
}

private func listedTorrent(_ number: Int) throws(CatalogueRefusal) -> CatalogueTorrent {
    var info = BencodeDictionary()
    info["length"] = .integer(Int64(number))
    info["name"] = .text("Pictures of the holiday in the year \(number * 7_919 % 10_007)")
    info["piece length"] = .integer(16_384)
    info["pieces"] = .string(Array(repeating: 7, count: number == 0 ? 0 : 20))
    var root = BencodeDictionary()
    root["info"] = .dictionary(info)
    return try CatalogueTorrent(parsing: BencodeValue.dictionary(root).encoded)
}

private func measureList(
    _ name: String, _ query: CatalogueQuery, of tracker: borrowing Tracker, at now: Moment, _ bench: Bench
) {
    let entries = tracker.catalogue.entries
    let counts = query.key.isOfCounts ? tracker.counts(of: entries[...]) : []
    let order = CatalogueOrder(entries, by: query.key, counts)
    let sorting = bench.time { keep(CatalogueOrder(entries, by: query.key, counts)) }
    bench.say("\(name), sorting", sorting / 1e6, "ms")
    let view = CatalogueView(entries, changes: 0, order)
    let sights = view.page(query).entries.map { tracker.sight(of: $0, at: now) }
    let each = bench.time {
        let page = view.page(query)
        let torrents = zip(page.entries, sights).map { $0.listed($1, announcing: ["http://t/announce"]) }
        var output: [UInt8] = []
        CatalogueListing(torrents: torrents, total: page.total, offset: 0, limit: 100, changes: 0)
            .appendJSON(to: &output)
        keep(output)
    }
    bench.say(name, each / 1e6, "ms")
}
