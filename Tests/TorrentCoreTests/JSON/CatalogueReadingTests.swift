import ByteStrings
import Testing
import TorrentCore

/// What a catalogue writes is read again as it was, and what is none is named.
@Suite struct CatalogueReadingTests {
    static func entry(_ number: Int, _ name: ByteString) -> CatalogueEntry {
        var entry = CatalogueEntry(
            number: number, infoHash: InfoHash(Bytes20(high: 1, middle: 2, low: UInt32(number))), name: name,
            length: 1 << 40, files: 3, isPrivate: number == 2, added: 1_700_000_000,
            magnet: "magnet:?xt=urn:btih:\(number)")
        (entry.seeders, entry.leechers, entry.downloads) = (2, 1, 5)
        (entry.seeds, entry.others) = (["Zoë", "\u{1B}[2J\"\\"], ["\u{1F680}"])
        return entry
    }

    static func json(_ text: String) throws -> JSONDocument { try JSONDocument(parsing: Array(text.utf8)) }

    @Test func `a page survives the way there and back`() throws {
        let names: [ByteString] = ["plain", "é \"世\"\n", ByteString([0x61, 0xE9, 0x62]), ""]
        let listing = CatalogueListing(
            torrents: names.enumerated().map { Self.entry($0 + 1, $1) }, total: 99, offset: 10, limit: 4, changes: 7)
        var bytes: [UInt8] = []
        listing.appendJSON(to: &bytes)
        #expect(try CatalogueListing(JSONDocument(parsing: bytes)) == listing)
    }

    @Test(
        arguments: [
            ("{}", "torrents"), ("[]", "torrents"), ("{\"torrents\":{}}", "torrents"), ("{\"torrents\":[]}", "total"),
            ("{\"torrents\":[],\"total\":-1}", "total"), ("{\"torrents\":[1],\"total\":1}", "number"),
            ("{\"torrents\":[{\"number\":0}],\"total\":1}", "number"),
            ("{\"torrents\":[{\"number\":1,\"infohash\":\"zz\"}],\"total\":1}", "infohash"),
        ])
    func `what is missing is named`(text: String, member: String) throws {
        let document = try Self.json(text)
        #expect(throws: CatalogueFormatError(member: member)) { try CatalogueListing(document) }
    }

    @Test func `little is needed, and what is absurd counts as nothing`() throws {
        let hash = String(repeating: "ab", count: 20)
        let entry = try CatalogueEntry(
            Self.json(
                "{\"number\":7,\"infohash\":\"\(hash)\",\"name\":\"x\",\"length\":5,\"seeders\":-3,\"seeds\":[1,\"a\"]}"
            ))
        #expect(entry.number == 7 && entry.name == "x" && entry.length == 5 && entry.seeders == 0)
        #expect(entry.seeds == ["a"] && entry.magnet == "magnet:?xt=urn:btih:\(hash)")
        #expect(entry.added == 0)
        #expect(throws: CatalogueFormatError(member: "length")) {
            try CatalogueEntry(Self.json("{\"number\":7,\"infohash\":\"\(hash)\",\"name\":\"x\",\"length\":-5}"))
        }
    }

    @Test(arguments: ["-1", "-9223372036854775808", "9223372036854775807"])
    func `a time may be subtracted from any other`(added: String) throws {
        let hash = String(repeating: "ab", count: 20)
        let text = "{\"number\":7,\"infohash\":\"\(hash)\",\"name\":\"x\",\"length\":5,\"added\":\(added)}"
        #expect(try CatalogueEntry(Self.json(text)).added >= 0)
    }

    @Test func `texts have limits`() throws {
        let hash = String(repeating: "ab", count: 20)
        func entry(name: Int, magnet: Int, peer: Int) throws -> CatalogueEntry {
            let text = { (count: Int) in String(repeating: "x", count: count) }
            return try CatalogueEntry(
                Self.json(
                    "{\"number\":7,\"infohash\":\"\(hash)\",\"name\":\"\(text(name))\",\"length\":5,"
                        + "\"magnet\":\"\(text(magnet))\",\"seeds\":[\"\(text(peer))\"]}"))
        }
        let longest = try entry(
            name: CatalogueEntry.nameBytes, magnet: CatalogueEntry.magnetBytes, peer: AnnounceRequest.longestName)
        #expect(longest.seeds.count == 1 && longest.magnet.utf8.count == CatalogueEntry.magnetBytes)
        let cut = try entry(
            name: 1, magnet: CatalogueEntry.magnetBytes + 1, peer: AnnounceRequest.longestName + 1)
        #expect(cut.seeds == [] && cut.magnet == "magnet:?xt=urn:btih:\(hash)")
        #expect(throws: CatalogueFormatError(member: "name")) {
            try entry(name: CatalogueEntry.nameBytes + 1, magnet: 1, peer: 1)
        }
    }
}
