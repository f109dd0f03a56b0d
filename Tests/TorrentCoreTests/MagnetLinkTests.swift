import ByteStrings
import Testing
import TorrentCore

@Suite struct MagnetLinkTests {
    private let hex = "c12fe1c06bba254a9dc9f519b335aa7c1367a88a"

    @Test func `every part is read`() throws {
        let link = try MagnetLink(
            parsing: "magnet:?xt=urn:btih:\(hex)&dn=a%20b+c&tr=http%3A%2F%2Ft%2Fannounce&tr.\u{301}1=udp://u:1"
                + "&ws=http%3A%2F%2Fw%2F&x.pe=10.0.0.1:6881&x.pe=%5B::1%5D:1&so=4,0-2&xl=1&empty&=")
        #expect(link.infoHash.hex == hex)
        #expect(link.displayName == "a b c")
        #expect(link.trackers == ["http://t/announce", "udp://u:1"])
        #expect(link.webSeeds == ["http://w/"])
        #expect(link.peers == ["10.0.0.1:6881", "[::1]:1"])
        #expect(link.selection?.ranges == [0...2, 4...4])
    }

    @Test func `peers are hosts with ports, and what is none is kept apart`() throws {
        let odd = [
            "foo", "foo:", ":1", "foo:0", "foo:65536", "a b:1", "::1:1", "[::1]", "[foo]:1", "foo:1x", "foo/:1", "",
        ]
        let good = ["example.org:6881", "10.0.0.1:1", "[2001:db8::1]:65535"]
        var link = MagnetLink(infoHash: InfoHash(.zero))
        link.peers = odd + good
        #expect(link.oddPeers == odd)
        #expect(link.namedPeers.map(\.host) == ["example.org", "10.0.0.1", "2001:db8::1"])
        #expect(link.namedPeers.map(\.port) == [6881, 1, 65_535])
    }

    @Test(arguments: [
        ("0", [0...0]), ("0,2,4,6-8", [0...0, 2...2, 4...4, 6...8]), ("6-8,0", [0...0, 6...8]), ("1,2,3", [1...3]),
        ("0-5,2-3,5-9", [0...9]), ("7,7", [7...7]), ("499999", [499_999...499_999]),
    ])
    func `files that are meant`(text: String, ranges: [ClosedRange<Int>]) throws {
        let selection = try #require(FileSelection(text))
        #expect(selection.ranges == ranges)
        #expect(FileSelection(selection.description) == selection)
    }

    @Test(arguments: [
        "", ",", "1,", "-1", "1-", "2-1", "1-2-3", "a", "1 ", "+1", "500000", "99999999999999999999", "²",
    ])
    func `what is no list of files is as if it were not there`(text: String) throws {
        #expect(FileSelection(text) == nil)
        let link = try MagnetLink(parsing: "magnet:?xt=urn:btih:\(hex)&so=\(text.replacing(" ", with: "%20"))")
        #expect(link.selection == nil)
    }

    @Test func `two links of one torrent know what both know`() throws {
        var link = try MagnetLink(parsing: "magnet:?xt=urn:btih:\(hex)&tr=http://a/&x.pe=a:1")
        let other = try MagnetLink(parsing: "magnet:?xt=urn:btih:\(hex)&tr=http://b/&tr=http://a/&x.pe=b:2&dn=n&so=1")
        let isNews = link.adopt(other)
        #expect(isNews)
        #expect(link.trackers == ["http://a/", "http://b/"])
        #expect(link.peers == ["a:1", "b:2"])
        #expect(link.displayName == "n" && link.selection?.ranges == [1...1])
        let isNewsAgain = link.adopt(other)
        #expect(!isNewsAgain)
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
        link.selection = FileSelection("0-2,9")
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
        let numbers = (0...FileSelection.entryLimit).map { "\($0 * 2)" }
        #expect(FileSelection(numbers.joined(separator: ",")) == nil)
        #expect(FileSelection(numbers.dropLast().joined(separator: ","))?.ranges.count == FileSelection.entryLimit)
    }
}
