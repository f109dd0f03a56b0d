import Testing
import TorrentCore

@Suite struct AnnounceQueryTests {
    static let hash = "%12%34%56%78%9a%bc%de%f1%23%45%67%89%ab%cd%ef%12%34%56%78%9a"
    static let head = "info_hash=\(hash)&peer_id=-PS0100-abcdefghijkl&port=6881"

    static func parse(_ query: String) throws(TrackerRequestError) -> AnnounceRequest {
        try Array(query.utf8).withBytes { bytes throws(TrackerRequestError) in
            try AnnounceRequest(query: 0..<bytes.byteCount, of: bytes)
        }
    }

    static func query(_ request: AnnounceRequest) -> String {
        var output: [UInt8] = []
        request.appendQuery(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `a usual announce is read`() throws {
        let request = try Self.parse(
            Self.head + "&uploaded=1&downloaded=2&left=3&event=started&numwant=80&key=0A0B0C0D&compact=1&no_peer_id=1"
                + "&ip=10.0.0.9&trackerid=a%20b&supportcrypto=1")
        #expect(request.infoHash.hex == "123456789abcdef123456789abcdef123456789a")
        #expect(request.peerID.bytes.array == Array("-PS0100-abcdefghijkl".utf8))
        #expect(request.port == 6_881)
        #expect((request.uploaded, request.downloaded, request.left) == (1, 2, 3))
        #expect(request.event == .started)
        #expect(request.numberWanted == 80)
        #expect(request.key == 0x0A0B_0C0D)
        #expect(request.wantsCompact && request.omitsPeerIDs)
        #expect(request.address == IPAddress("10.0.0.9"))
        #expect(request.trackerID == Array("a b".utf8))
    }

    @Test func `what is absent has its default`() throws {
        let request = try Self.parse(Self.head)
        #expect(request.left == AnnounceRequest.unknownLeft && !request.isSeeder)
        #expect(request.event == .none && request.numberWanted == nil && request.key == nil)
        #expect(request.wantsCompact && request.address == nil)
    }

    @Test(
        arguments: [
            ("", .missing(.infoHash)),
            ("info_hash=\(hash)&port=1", .missing(.peerID)),
            ("info_hash=\(hash)&peer_id=-PS0100-abcdefghijkl", .missing(.port)),
            ("info_hash=short&peer_id=-PS0100-abcdefghijkl&port=1", .malformed(.infoHash)),
            ("info_hash=\(hash)%00&peer_id=-PS0100-abcdefghijkl&port=1", .malformed(.infoHash)),
            ("info_hash=%1&peer_id=-PS0100-abcdefghijkl&port=1", .malformed(.infoHash)),
            ("info_hash=%zz345678901234567890&port=1", .malformed(.infoHash)),
            ("info_hash=\(hash)&peer_id=-PS0100-abcdefghijk&port=1", .malformed(.peerID)),
            ("info_hash=\(hash)&peer_id=-PS0100-abcdefghijkl&port=65536", .malformed(.port)),
            ("info_hash=\(hash)&peer_id=-PS0100-abcdefghijkl&port=", .malformed(.port)),
        ] as [(String, TrackerRequestError)])
    func `what is wrong is named`(query: String, error: TrackerRequestError) {
        #expect(throws: error) { try Self.parse(query) }
    }

    @Test(
        arguments: [
            ("left=NaN", .left), ("left=12.5", .left), ("left=1e6", .left), ("left=%31", .left),
            ("left=999999999999999999999", .left), ("uploaded=12.5", .uploaded), ("uploaded=+1", .uploaded),
            ("downloaded=undefined", .downloaded), ("downloaded=--1", .downloaded), ("numwant=1x", .numwant),
            ("numwant=0x10", .numwant), ("event=begun", .event), ("event=STARTED", .event), ("event=%00", .event),
            ("left=-", .left), ("left=x&uploaded=y&event=z", [.left, .uploaded, .event]),
        ] as [(String, AnnounceRequest.OptionalFields)])
    func `what cannot be read of optional fields is as if it were not there`(
        query: String, ignored: AnnounceRequest.OptionalFields
    ) throws {
        var request = try Self.parse(Self.head + "&" + query)
        #expect(request.ignored == ignored)
        request.ignored = []
        #expect(try request == Self.parse(Self.head))
        #expect(!request.isSeeder, "who does not know how much is left wants something")
    }

    @Test func `of a field that is said twice the last that can be read counts`() throws {
        #expect(try Self.parse(Self.head + "&left=1&left=0&port=7").port == 7)
        let request = try Self.parse(Self.head + "&left=0&event=started&numwant=5&left=NaN&event=x&numwant=&left=")
        #expect(request.left == 0 && request.event == .started && request.numberWanted == 5)
        #expect(request.ignored.names.map { "\($0)" } == ["left", "event"])
    }

    @Test func `info hashes come as clients write them`() throws {
        let expected = try Self.parse(Self.head).infoHash
        let raw =
            Array("info_hash=".utf8) + expected.bytes.array + Array("&peer_id=-PS0100-abcdefghijkl&port=1".utf8)
        let unescaped = try raw.withBytes { bytes throws(TrackerRequestError) in
            try AnnounceRequest(query: 0..<bytes.byteCount, of: bytes)
        }
        #expect(unescaped.infoHash == expected)
        #expect(try Self.parse(Self.head.replacing(Self.hash, with: Self.hash.uppercased())).infoHash == expected)
    }

    @Test func `a key with one letter wrong is another key`() throws {
        let keys = [
            "uploaded", "downloaded", "left", "event", "numwant", "compact", "no_peer_id", "key", "ipv4", "trackerid",
        ]
        let values = ["uploaded": "1", "downloaded": "1", "left": "1", "event": "started", "numwant": "1", "key": "1"]
        let nothing = try Self.parse(Self.head)
        for key in keys {
            let value = values[key] ?? (key == "ipv4" ? "10.0.0.1" : key == "compact" ? "0" : "1")
            #expect(try Self.parse(Self.head + "&\(key)=\(value)") != nothing, "\(key)")
            for position in key.indices {
                let wrong = key.replacingCharacters(in: position, with: "*")
                #expect(try Self.parse(Self.head + "&\(wrong)=\(value)") == nothing, "\(wrong)")
            }
        }
    }

    @Test func `odd but real values are understood`() throws {
        #expect(try Self.parse(Self.head + "&left=-1").left == AnnounceRequest.unknownLeft)
        #expect(try Self.parse(Self.head + "&left=18446744073709551615").left == .max)
        #expect(try Self.parse(Self.head + "&numwant=-1").numberWanted == nil)
        #expect(try Self.parse(Self.head + "&numwant=0").numberWanted == 0)
        #expect(try Self.parse("&&" + Self.head + "&&event=&flag").event == .none)
        #expect(try Self.parse(Self.head + "&compact=0").wantsCompact == false)
        #expect(try Self.parse(Self.head + "&compact=").wantsCompact)
        #expect(try Self.parse(Self.head + "&compact=yes").wantsCompact)
        // A plus is a byte of the hash, no blank.
        #expect(try Self.parse(Self.head + "&info_hash=++++++++++++++++++++").infoHash.bytes.array[0] == 0x2B)
    }

    @Test func `other addresses are of the family they claim`() throws {
        let request = try Self.parse(
            Self.head + "&ipv6=%5B2001%3A%3A1%5D%3A7000&ipv4=10.0.0.1")
        #expect(request.otherIPv6 == Endpoint("[2001::1]:7000"))
        #expect(request.otherIPv4 == Endpoint("10.0.0.1:6881"))
        #expect(try Self.parse(Self.head + "&ipv6=10.0.0.1&ipv4=%3A%3A1").otherIPv6 == nil)
        #expect(try Self.parse(Self.head + "&ip=example.org").address == nil)
    }

    @Test func `the query that a client sends`() throws {
        var request = try Self.parse(Self.head)
        request.left = 5
        request.event = .completed
        request.numberWanted = 30
        request.key = 0xBEEF
        #expect(
            Self.query(request)
                == "info_hash=%124Vx%9A%BC%DE%F1%23Eg%89%AB%CD%EF%124Vx%9A&peer_id=-PS0100-abcdefghijkl&port=6881"
                + "&uploaded=0&downloaded=0&left=5&compact=1&numwant=30&key=0000beef&event=completed")
    }

    @Test func `random announces survive a round trip`() throws {
        var generator = SplitMix64(seed: 3)
        for _ in 0..<300 {
            var request = AnnounceRequest(
                infoHash: .random(using: &generator), peerID: PeerID(.random(using: &generator)),
                port: UInt16(truncatingIfNeeded: generator.next()),
                uploaded: Int64(generator.next() >> 1), downloaded: Int64(generator.next() >> 1),
                left: Int64(generator.next() >> 2), event: AnnounceEvent.allCases.randomElement(using: &generator)!,
                numberWanted: Int(generator.next() >> 40),
                key: AnnounceKey(UInt32(truncatingIfNeeded: generator.next())))
            request.trackerID = [UInt8].random(upTo: 6, using: &generator)
            request.name = [nil, "Ann", "Zoë & co=世"].randomElement(using: &generator)!
            request.omitsPeerIDs = Bool.random(using: &generator)
            request.wantsCompact = Bool.random(using: &generator)
            #expect(try Self.parse(Self.query(request)) == request)
        }
    }

    @Test func `a name is read if it is UTF-8 and not too long, and sent percent-coded`() throws {
        let longest = String(repeating: "é", count: 32)
        let coded = String(repeating: "%c3%a9", count: 32)
        #expect(try Self.parse(Self.head + "&name=Ann%20%E4%B8%96").name == "Ann 世")
        #expect(try Self.parse(Self.head + "&name=" + coded).name == longest)
        for bad in ["", coded + "a", "%ff", "%zz", "%ED%A0%80", String(repeating: "%61", count: 65)] {
            #expect(try Self.parse(Self.head + "&name=" + bad).name == nil, "\(bad)")
        }
        var request = try Self.parse(Self.head)
        request.name = "Ann & Bo"
        #expect(Self.query(request).hasSuffix("&name=Ann%20%26%20Bo"))
        for unsent in ["", longest + "a"] {
            request.name = unsent
            #expect(!Self.query(request).contains("name="))
        }
    }

    @Test func `scrapes go both ways, however many`() throws {
        var generator = SplitMix64(seed: 4)
        let request = ScrapeRequest(infoHashes: (0..<300).map { _ in .random(using: &generator) })
        var query: [UInt8] = []
        request.appendQuery(to: &query)
        let read = try query.withBytes { bytes throws(TrackerRequestError) in
            try ScrapeRequest(query: 0..<bytes.byteCount, of: bytes)
        }
        #expect(read == request)
    }
}

extension String {
    fileprivate func replacingCharacters(in position: Index, with letter: Character) -> String {
        String(self[..<position]) + String(letter) + String(self[index(after: position)...])
    }
}

extension InfoHash {
    static func random(using generator: inout SplitMix64) -> InfoHash { InfoHash(.random(using: &generator)) }
}

extension Bytes20 {
    static func random(using generator: inout SplitMix64) -> Bytes20 {
        Bytes20(
            high: generator.next(), middle: generator.next(), low: UInt32(truncatingIfNeeded: generator.next()))
    }
}
