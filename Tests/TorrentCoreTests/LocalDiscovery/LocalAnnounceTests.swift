import Testing

@testable import TorrentCore

@Suite struct LocalAnnounceTests {
    static func parse(_ text: String) throws(LocalAnnounceError) -> LocalAnnounce {
        try Array(text.utf8).withBytes { span throws(LocalAnnounceError) in try LocalAnnounce(parsing: span) }
    }

    static let digits = String(repeating: "1a", count: 20)
    static let hash = InfoHash(hex: digits)!
    static let opening = "BT-SEARCH * HTTP/1.1\r\n"
    static let needed = "Port: 6881\r\nInfohash: \(digits)\r\n"

    static func hashes(_ count: Int) -> [InfoHash] {
        (0..<count).map { InfoHash(Bytes20(high: UInt64($0), middle: .max, low: 7)) }
    }

    @Test(arguments: [(LocalGroup.v4, "239.192.152.143:6771"), (.v6, "[ff15::efc0:988f]:6771")])
    func `a datagram has the bytes of BEP 14`(group: LocalGroup, host: String) {
        let announce = LocalAnnounce(port: 6_881, infoHashes: [Self.hash], cookie: Array("c00c1e".utf8))
        #expect(
            String(decoding: announce.encoded(for: group), as: UTF8.self)
                == "BT-SEARCH * HTTP/1.1\r\nHost: \(host)\r\nPort: 6881\r\nInfohash: \(Self.digits)\r\n"
                + "cookie: c00c1e\r\n\r\n\r\n")
        #expect(group.endpoint.description == host)
    }

    @Test func `without a cookie there is no line for one`() {
        let bytes = LocalAnnounce(port: 1, infoHashes: [Self.hash]).encoded(for: .v4)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("cookie"))
        #expect(bytes.suffix(6) == Array("\r\n\r\n\r\n".utf8))
    }

    @Test func `the longest datagram keeps to 1,400 bytes, and one more torrent would not`() {
        let cookie = [UInt8](repeating: 0x78, count: LocalAnnounce.longestCookie)
        let fullest = LocalAnnounce(port: 65_535, infoHashes: Self.hashes(LocalAnnounce.mostSent), cookie: cookie)
        let length = fullest.encoded(for: .v6).count
        #expect(length <= 1_400)
        #expect(length + "\r\nInfohash: ".utf8.count + 40 > 1_400)
    }

    @Test(arguments: [1, 2, 24], LocalGroup.allCases)
    func `what is sent is read back`(count: Int, group: LocalGroup) throws {
        let sent = LocalAnnounce(port: 51_413, infoHashes: Self.hashes(count), cookie: Array("a-b".utf8))
        let read = try sent.encoded(for: group).withBytes { span throws(LocalAnnounceError) in
            try LocalAnnounce(parsing: span)
        }
        #expect(read == sent)
    }

    @Test(
        arguments: [
            // One line end, or none, behind the empty line; lines that end with a line feed alone.
            opening + needed + "\r\n", opening + needed + "\r\n\r\n",
            "BT-SEARCH * HTTP/1.1\nPort: 6881\nInfohash: \(digits)\n\n",
            // Names and digits in any case, blanks around values, any order.
            opening + "PORT:6881\r\ninfoHASH:\t \(digits.uppercased()) \r\n\r\n",
            opening + "Infohash: \(digits)\r\nHost: x\r\nport: 06881\r\n\r\n",
            // What nobody knows, what is no header at all, what stands behind the end.
            opening + "X-Y: z\r\n" + needed + "\r\n", opening + "no colon\r\n folded\r\n: z\r\n" + needed + "\r\n",
            opening + "Host: \u{7F}\u{FF}\r\n" + needed + "\r\nPort: 7\r\n\r\n",
            // A torrent that stands there twice is one.
            opening + needed + "Infohash: \(digits)\r\n\r\n",
            // A cookie too long to be one.
            opening + needed + "cookie: \(String(repeating: "x", count: 65))\r\n\r\n",
        ])
    func `what is not needed does no harm`(text: String) throws {
        #expect(try Self.parse(text) == LocalAnnounce(port: 6_881, infoHashes: [Self.hash]))
    }

    @Test(
        arguments: [
            ("", .cutShort), (opening, .cutShort), (opening + needed, .cutShort),
            ("\r\n" + opening + needed + "\r\n", .notASearch),
            ("BT-SEARCH * HTTP/1.0\r\n" + needed + "\r\n", .notASearch),
            ("M-SEARCH * HTTP/1.1\r\n" + needed + "\r\n", .notASearch),
            ("bt-search * http/1.1\r\n" + needed + "\r\n", .notASearch),
            (opening + "Infohash: \(digits)\r\n\r\n", .noPort), (opening + "Port: 6881\r\n\r\n", .noInfoHash),
            (opening + "Port: 0\r\nInfohash: \(digits)\r\n\r\n", .malformedPort),
            (opening + "Port: 65536\r\nInfohash: \(digits)\r\n\r\n", .malformedPort),
            (opening + "Port: +1\r\nInfohash: \(digits)\r\n\r\n", .malformedPort),
            (opening + "Port:\r\nInfohash: \(digits)\r\n\r\n", .malformedPort),
            (opening + "Port: 99999999999999999999999\r\nInfohash: \(digits)\r\n\r\n", .malformedPort),
            (opening + needed + "Port: 6881\r\n\r\n", .repeatedPort),
            (opening + needed + "Infohash: \(digits)0\r\n\r\n", .malformedInfoHash),
            (opening + needed + "Infohash: \(digits.dropLast())\r\n\r\n", .malformedInfoHash),
            (opening + needed + "Infohash: \(digits.dropLast())g\r\n\r\n", .malformedInfoHash),
        ] as [(String, LocalAnnounceError)])
    func `what is needed is taken strictly`(text: String, error: LocalAnnounceError) {
        #expect(throws: error) { try Self.parse(text) }
    }

    @Test func `what fits into a packet is taken, and not a byte more`() throws {
        let short = Self.opening + Self.needed + "x: "
        let padding = String(repeating: "y", count: LocalAnnounce.longestAccepted - short.utf8.count - 4)
        #expect(try Self.parse(short + padding + "\r\n\r\n").infoHashes == [Self.hash])
        #expect(throws: LocalAnnounceError.tooLong(bytes: 1_501)) { try Self.parse(short + padding + "y\r\n\r\n") }
    }

    @Test func `bytes of chance are no announce and no trap`() {
        var generator = SplitMix64(seed: 14)
        for _ in 0..<2_000 {
            var bytes = Array((Self.opening + Self.needed + "\r\n").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let announce = try? bytes.withBytes { span throws(LocalAnnounceError) in try LocalAnnounce(parsing: span) }
            #expect(announce.map { $0.port != 0 && $0.infoHashes.count <= 2 } ?? true)
        }
    }
}
