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
            _ = try tracker.publish(torrent, by: nil, at: Int64(number))
            announce(torrent.infoHash, port: number % 100)
        }
        for (name, query) in [
            ("newest", "limit=100"), ("by name", "sort=name"), ("by seeders", "sort=seeders"),
            ("search", "q=holiday+7"),
        ] {
            let bytes = Array(query.utf8)
            let parsed = try bytes.withBytes { try CatalogueQuery(query: 0..<bytes.count, of: $0) }
            let each = bench.time {
                let page = tracker.catalogueView(sortedBy: parsed.key).page(parsed)
                let listing = CatalogueListing(
                    torrents: page.entries.map { tracker.listed($0, announcing: ["http://t/announce"], at: now) },
                    total: page.total, offset: 0, limit: 100, changes: 0)
                var output: [UInt8] = []
                listing.appendJSON(to: &output)
                keep(output)
            }
            bench.say("list/\(torrents) torrents, \(name)", each / 1e6, "ms")
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
