import ByteStrings
import Testing
import TorrentCore
import TrackerEngine

/// Torrents as a catalogue hands them out, and lists as they are asked for.
@Suite struct HandedOutTests {
    private static let ours = "http://here.example/announce"

    private static let samples = [
        "d8:announce5:udp:x13:announce-listll5:udp:xel5:udp:yee4:infod6:lengthi1e4:name1:a12:piece lengthi1e6:pieces20:"
            + "aaaaaaaaaaaaaaaaaaaae5:otherd1:xi1eee",
        "d4:infod6:lengthi1e4:name1:a12:piece lengthi1e6:pieces20:aaaaaaaaaaaaaaaaaaaa7:privatei1eee",
        // Keys out of order, some of them before all others, and bytes behind the end.
        "d1:Ai1e4:infod6:lengthi1e4:name1:a12:piece lengthi1e6:pieces20:aaaaaaaaaaaaaaaaaaaae8:announce5:udp:x1:zle"
            + "1:b1:ce...",
    ].map { Array($0.utf8) }

    /// Nothing but the trackers may change, whatever the file is like.
    private func check(_ bytes: [UInt8]) throws {
        guard let torrent = try? CatalogueTorrent(parsing: bytes) else { return }
        let before = try Metainfo(parsing: bytes)
        let handedOut = torrent.file.announcing(first: [Self.ours])
        let given = handedOut.bytes
        #expect(given.count == handedOut.count && handedOut.madeBytes <= 300)
        let after = try Metainfo(parsing: given)
        #expect(after.infoHash == torrent.infoHash && after.infoBytes == before.infoBytes)
        if before.isPrivate {
            #expect(given == bytes)
        } else {
            #expect(after.trackerTiers.first == [Self.ours])
            #expect(Array(after.trackerTiers.dropFirst()) == before.trackerTiers)
        }
    }

    @Test func `a torrent that is handed out is the same torrent, whatever it is like`() throws {
        for sample in Self.samples {
            #expect(throws: Never.self) { try CatalogueTorrent(parsing: sample) }
            try check(sample)
            var chance = SplitMix64(seed: 5)
            for _ in 0..<400 {
                var bytes = sample
                for _ in 0...Int(chance.next() % 3) {
                    let place = Int(chance.next() % UInt64(bytes.count))
                    bytes[place] = UInt8(truncatingIfNeeded: chance.next())
                }
                try check(bytes)
            }
        }
    }

    @Test func `who is handed a torrent shares its bytes, but for one that trackers cut into shreds`() throws {
        let plain = try CatalogueTorrent(parsing: Self.samples[2]).file
        let given = plain.announcing(first: [Self.ours])
        #expect(given.madeBytes < given.count - 90)
        let info = "4:infod6:lengthi1e4:name1:a12:piece lengthi1e6:pieces20:aaaaaaaaaaaaaaaaaaaae"
        let shreds = (0..<20).map { _ in "1:xi1e8:announce5:udp:x" }.joined()
        let odd = try CatalogueTorrent(parsing: Array("d\(info)\(shreds)e".utf8)).file.announcing(first: [Self.ours])
        #expect(odd.parts.count == 1 && odd.madeBytes == odd.count)
    }

    @Test func `what is asked of a list is read as it was written`() throws {
        func read(_ query: String) throws -> CatalogueQuery {
            let bytes = Array(query.utf8)
            return try bytes.withBytes { try CatalogueQuery(query: 0..<bytes.count, of: $0) }
        }
        var query = CatalogueQuery()
        (query.text, query.key, query.isReversed, query.offset, query.limit) = ("a+b &%ä", .seeders, true, 7, 9)
        #expect(try read(String(query.target.dropFirst("/torrents?".count))) == query)
        #expect(try read("") == CatalogueQuery())
        #expect(try read("q=a+b&limit=9999&offset=99999999999999999999&colour=red").limit == CatalogueQuery.mostAtOnce)
        #expect(try read("q=%zz").text == "%zz")
        let most = Array(repeating: "a", count: CatalogueQuery.mostWords).joined(separator: "+")
        #expect(try read("q=\(most)++").words.count == CatalogueQuery.mostWords)
        for wrong in ["sort=colour", "sort=", "limit=-1", "offset=x", "q=\(most)+a"] {
            #expect(throws: CatalogueRefusal.self) { try read(wrong) }
            // A page for people passes over it, and takes the rest.
            let bytes = Array("\(wrong)&sort=size".utf8)
            let understood = bytes.withBytes { CatalogueQuery(understoodOf: 0..<bytes.count, of: $0, limit: 50) }
            #expect(understood.key == .size && understood.offset == 0 && understood.limit == 50, "\(wrong)")
            #expect(understood.words.count == (wrong.hasPrefix("q") ? CatalogueQuery.mostWords : 0))
        }
    }
}
