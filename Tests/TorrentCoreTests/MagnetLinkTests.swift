import ByteStrings
import Testing
import TorrentCore

@Suite struct MagnetLinkTests {
    private let hex = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"

    @Test func `every part is read`() throws {
        let link = try MagnetLink(
            parsing: "magnet:?xt=urn:btih:\(hex)&dn=a%20b+c&tr=http%3A%2F%2Ft%2Fannounce&tr.\u{301}1=udp://u:1"
                + "&ws=http%3A%2F%2Fw%2F&x.pe=10.0.0.1:6881&x.pe=%5B::1%5D:1&so=0&xl=1&empty&=")
        #expect(link.infoHash.hex == hex)
        #expect(link.displayName == "a b c")
        #expect(link.trackers == ["http://t/announce", "udp://u:1"])
        #expect(link.webSeeds == ["http://w/"])
        #expect(link.peers == ["10.0.0.1:6881", "[::1]:1"])
    }

    @Test(arguments: [
        "magnet:?xt=urn:btih:C12FE1C06BBA254A9DC9F519B335AA7C1367A88A",
        "MAGNET:?XT=x&xt=urn:BTIH:c12fe1c06bba254a9dc9f519b335aa7c1367a88a",
        "magnet:?xt.1=urn:btih:YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK",
        "magnet:?xt=urn:btmh:1220aa&xt=urn:btih:yex6dqdlxisuvhoj6um3gnnkpqjwpkek",
    ])
    func `info hashes come in hexadecimal or base 32, of either case`(text: String) throws {
        #expect(try MagnetLink(parsing: text).infoHash.hex == hex)
    }

    @Test(
        arguments: [
            ("", .notMagnet), ("http://x/?xt=urn:btih:00", .notMagnet), ("magnet:?", .noInfoHash),
            ("magnet:?dn=x", .noInfoHash), ("magnet:?xt=urn:btmh:1220ff", .noInfoHash),
            ("magnet:?xt=urn:btih:12", .badInfoHash("12")),
            (
                "magnet:?xt=urn:btih:" + String(repeating: "1", count: 32),
                .badInfoHash(String(repeating: "1", count: 32))
            ),
            (
                "magnet:?xt=urn:btih:" + String(repeating: "g", count: 40),
                .badInfoHash(String(repeating: "g", count: 40))
            ),
            ("magnet:?dn=%4", .badPercentCode(parameter: "dn")), ("magnet:?tr=%zz", .badPercentCode(parameter: "tr")),
            (
                "magnet:?xt=urn:btih:" + String(repeating: "1", count: 40) + "&xt=urn:btih:"
                    + String(repeating: "2", count: 40), .severalTorrents
            ),
        ] as [(String, MagnetError)])
    func `what is no magnet link says why`(text: String, error: MagnetError) {
        #expect(throws: error) { try MagnetLink(parsing: text) }
    }

    @Test func `what is written is read back`() throws {
        var link = MagnetLink(infoHash: try #require(InfoHash(hex: hex)))
        #expect(link.description == "magnet:?xt=urn:btih:\(hex)")
        link.displayName = "ä&=+ %/\u{1F30D}"
        link.trackers = ["http://t:1/a?b=c&d=e", "udp://[::1]:9"]
        link.webSeeds = ["http://w/ü"]
        link.peers = ["[::1]:6881"]
        #expect(try MagnetLink(parsing: link.description) == link)
    }

    @Test func `a name that is no UTF-8 keeps its bytes`() throws {
        var link = MagnetLink(infoHash: try #require(InfoHash(hex: hex)))
        link.displayName = ByteString([0x63, 0xE9])
        #expect(link.description == "magnet:?xt=urn:btih:\(hex)&dn=c%E9")
        #expect(try MagnetLink(parsing: link.description) == link)
        let tracked = try MagnetLink(parsing: "\(link)&tr=http://t/%E9%C3%BC&ws=http://w/%C3%BC")
        #expect(tracked.trackers == ["http://t/%E9%C3%BC"] && tracked.webSeeds == ["http://w/ü"])
    }

    @Test func `limits hold`() throws {
        let long = "magnet:?xt=urn:btih:\(hex)&dn=" + String(repeating: "x", count: 1 << 16)
        #expect(throws: MagnetError.tooLong(bytes: long.utf8.count, limit: 1 << 16)) { try MagnetLink(parsing: long) }
        let many = "magnet:?xt=urn:btih:\(hex)" + String(repeating: "&tr=u", count: 1_000)
        #expect(try MagnetLink(parsing: many).trackers.count == MagnetLink.entryLimit)
    }
}
