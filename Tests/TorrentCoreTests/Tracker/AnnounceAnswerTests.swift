import Testing
import TorrentCore

@Suite struct AnnounceAnswerTests {
    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    static func read(_ text: String) throws(TrackerResponseError) -> AnnounceResponse {
        try AnnounceResponse(bencode: Array(text.utf8))
    }

    static var packed: PackedAnnounceResponse {
        var packed = PackedAnnounceResponse()
        packed.interval = 900
        packed.minInterval = 60
        packed.complete = 2
        packed.incomplete = 1
        packed.downloaded = 7
        Endpoint("10.0.0.1:6881")!.appendCompact(to: &packed.peers)
        Endpoint("[2001::7]:6882")!.appendCompact(to: &packed.peers6)
        return packed
    }

    @Test func `a packed answer is canonical bencode and reads back`() throws {
        var packed = Self.packed
        packed.externalAddress = IPAddress("203.0.113.9")
        var bytes: [UInt8] = []
        packed.appendBencode(compact: true, to: &bytes)
        #expect(try BencodeValue(decoding: bytes).encoded == bytes)
        let answer = try AnnounceResponse(bencode: bytes)
        #expect(answer.interval == .seconds(900) && answer.minInterval == .seconds(60))
        #expect((answer.complete, answer.incomplete, answer.downloaded) == (2, 1, 7))
        #expect(answer.peers == [Endpoint("10.0.0.1:6881"), Endpoint("[2001::7]:6882")])
        #expect(answer.externalAddress == IPAddress("203.0.113.9"))
    }

    @Test func `an answer of dictionaries names every peer in one list`() throws {
        var bytes: [UInt8] = []
        Self.packed.appendBencode(compact: false, to: &bytes)
        #expect(Self.text(bytes).hasSuffix("5:peersld2:ip8:10.0.0.14:porti6881eed2:ip7:2001::74:porti6882eeee"))
        #expect(try AnnounceResponse(bencode: bytes).peers == [Endpoint("10.0.0.1:6881"), Endpoint("[2001::7]:6882")])
    }

    @Test func `ids stand beside the peers that they are of`() throws {
        var packed = Self.packed
        packed.peerIDs = [nil, PeerID(try #require(Bytes20(Array("-PS0100-abcdefghijkl".utf8))))]
        var bytes: [UInt8] = []
        packed.appendBencode(compact: false, to: &bytes)
        #expect(
            Self.text(bytes).hasSuffix(
                "5:peersld2:ip8:10.0.0.14:porti6881eed2:ip7:2001::77:peer id20:-PS0100-abcdefghijkl4:porti6882eeee"))
        #expect(try BencodeValue(decoding: bytes).encoded == bytes, "keys in order")
    }

    @Test func `keys that come twice, out of order, and padded numbers leave no doubt`() throws {
        let answer = try Self.read(
            "d5:peers6:\u{1}\u{2}\u{3}\u{4}\u{1a}\u{1}8:intervali0900e8:intervali30e5:peers06:abcdef8:completei-0ee")
        #expect(answer.peers == [Endpoint("1.2.3.4:6657")])
        #expect(answer.interval == .seconds(900) && answer.complete == 0)
    }

    @Test func `a classic answer with ids, a name and a dead port`() throws {
        let answer = try Self.read(
            "d8:intervali1800e5:peersld2:ip9:127.0.0.17:peer id20:aaaaaaaaaaaaaaaaaaaa4:porti6881ee"
                + "d2:ip11:example.org4:porti1eed2:ip7:1.2.3.44:porti0eee10:tracker id3:xyz"
                + "15:warning message4:slowe\r\n"
        )
        #expect(answer.peers == [Endpoint("127.0.0.1:6881")])
        #expect(answer.trackerID == Array("xyz".utf8))
        #expect(answer.warning == "slow")
    }

    @Test(
        arguments: [
            ("<html>no</html>", .webPage), ("\r\n <?xml?>", .webPage), ("", .empty), (" \r\n", .empty),
            ("Invalid passkey\r\nGo away", .text("Invalid passkey")),
            ("download not found", .text("download not found")),
            (String(repeating: "x", count: 70), .text(String(repeating: "x", count: 60))),
            ("d8:intervali60e5:peers12:abcdef", .cutShort(bytes: 31)), ("d8:intervali60e", .cutShort(bytes: 15)),
            ("\u{1}\u{2}", .notBencode(.unexpectedByte(1, at: 0))),
            ("le", .notDictionary), ("de", .missing(.peers)), ("d4:spam4:eggse", .missing(.peers)),
            ("d14:failure reasoni1ee", .refused(TrackerFailure(reason: ""))),
            ("d14:failure reason0:5:peers0:e", .refused(TrackerFailure(reason: ""))),
            ("d14:failure reason2:no5:peers6:abcdefe", .refused(TrackerFailure(reason: "no"))),
            (
                "d14:failure reason4:busy8:retry ini5ee",
                .refused(TrackerFailure(reason: "busy", retry: .after(.seconds(300))))
            ),
            (
                "d14:failure reason4:busy8:retry in2:10e",
                .refused(TrackerFailure(reason: "busy", retry: .after(.seconds(600))))
            ),
            ("d14:failure reason2:no8:retry in5:nevere", .refused(TrackerFailure(reason: "no", retry: .never))),
            ("d14:failure reason2:no8:retry ini0ee", .refused(TrackerFailure(reason: "no"))),
            ("d14:failure_reason2:noe", .refused(TrackerFailure(reason: "no"))),
            (
                "d14:failure reason2:no8:intervali900ee",
                .refused(TrackerFailure(reason: "no", retry: .after(.seconds(900))))
            ),
            (
                "d14:failure reason2:no8:intervali-9e12:min interval2:60e",
                .refused(TrackerFailure(reason: "no", retry: .after(.seconds(60))))
            ),
            (
                "d14:failure reason2:no8:intervali60e8:retry ini99999999ee",
                .refused(TrackerFailure(reason: "no", retry: .after(.seconds(86_400))))
            ),
        ] as [(String, TrackerResponseError)])
    func `what is wrong is named`(text: String, error: TrackerResponseError) {
        #expect(throws: error) { try Self.read(text) }
    }

    /// The peers of `text`, addresses before names, and what was odd about it.
    static func peers(_ text: String) throws -> (peers: [String], oddities: [AnswerOddity]) {
        let answer = try read(text)
        return (answer.peers.map(\.description) + answer.namedPeers.map { "\($0.host):\($0.port)" }, answer.oddities)
    }

    @Test(
        arguments: [
            ("5:peers6:abcdef", ["97.98.99.100:25958"], []),
            ("5:peers8:abcdefgh", ["97.98.99.100:25958"], [.badPeers(count: 1)]),
            ("5:peers5:abcde", [], [.badPeers(count: 1)]), ("5:peers6:abcd\0\0", [], []),
            ("5:peers6:abcdef6:peers67:abcdefg", ["97.98.99.100:25958"], [.badPeers(count: 1)]),
            ("5:peersi1e6:peers6le", [], [.ignored(.peers)]),
            ("6:peers618:0123456789abcdefgh", ["[3031:3233:3435:3637:3839:6162:6364:6566]:26472"], []),
            (
                "5:peersli1ed2:ip7:1.2.3.44:porti5eeled2:ip3:::14:port1:6ee",
                ["1.2.3.4:5", "[::1]:6"], [.badPeers(count: 2)]
            ),
            ("5:peersl6:abcdef3:abce", ["97.98.99.100:25958"], [.badPeers(count: 1)]),
            ("5:peersld2:ip17:::ffff:10.0.0.9994:porti5eed2:ip5:[::1]4:porti7eee", ["[::1]:7"], [.badPeers(count: 1)]),
            ("5:peersld2:ip6:seeder4:porti9eed2:ip3:a b4:porti9eee", ["seeder:9"], [.badPeers(count: 1)]),
            (
                "5:peersld2:ip7:1.2.3.44:porti70000eed2:ip7:1.2.3.44:porti-1eed2:ip7:1.2.3.4ee", [],
                [.badPeers(count: 3)]
            ),
            ("5:peersd1:0d2:ip7:1.2.3.44:porti5eee", ["1.2.3.4:5"], []), ("5:peersde", [], []),
            ("5:peersd2:ip7:1.2.3.44:porti5ee", ["1.2.3.4:5"], []),
            ("14:failure reason0:5:peers6:abcdef", ["97.98.99.100:25958"], [.ignored(.failureReason)]),
            ("5:peers6:abcdef11:external ip3:abc", ["97.98.99.100:25958"], [.ignored(.externalIP)]),
            ("15:warning messagele10:tracker idi7e5:peers0:", [], [.ignored(.warning), .ignored(.trackerID)]),
        ] as [(String, [String], [AnswerOddity])])
    func `peers are used whenever any can be read`(within: String, peers: [String], oddities: [AnswerOddity]) throws {
        let found = try Self.peers("d\(within)e")
        #expect(found.peers == peers)
        #expect(found.oddities == oddities)
    }

    @Test(
        arguments: [
            ("5:peers0:", 1_800, nil, []), ("8:intervali0e", 1, nil, [.clamped(.interval)]),
            ("8:intervali-5e", 1, nil, [.clamped(.interval)]), ("8:interval2:60", 60, nil, []),
            ("8:interval4:soon5:peers0:", 1_800, nil, [.ignored(.interval)]),
            ("8:intervalli1ee", 1_800, nil, [.ignored(.interval)]),
            ("8:intervali9223372036854775807e", 86_400, nil, [.clamped(.interval)]),
            ("8:intervali60e12:min intervali-1e", 60, 1, [.clamped(.minInterval)]),
            ("8:intervali60e12:min interval3:x305:peers0:", 60, nil, [.ignored(.minInterval)]),
            ("8:intervali60e12:min intervali30e8:completei-1e10:incomplete1:5", 60, 30, []),
        ] as [(String, Int, Int?, [AnswerOddity])])
    func `waits are brought within their range`(
        within: String, interval: Int, minimum: Int?, oddities: [AnswerOddity]
    ) throws {
        let answer = try Self.read("d\(within)e")
        #expect(answer.interval == .seconds(interval))
        #expect(answer.minInterval == minimum.map { .seconds($0) })
        #expect(answer.oddities == oddities)
        #expect(answer.complete == nil)
    }

    @Test(arguments: [("\r\n", "\n\0", 0), ("\u{FEFF}", "", 3), ("", "<!-- 3 ms -->", 10)])
    func `what stands around an answer is let pass`(before: String, behind: String, stray: Int) throws {
        // The keys are out of order, too.
        let found = try Self.peers("\(before)d5:peers6:abcdef8:intervali60ee\(behind)")
        #expect(found.peers.count == 1)
        #expect(found.oddities == (stray == 0 ? [] : [.strayBytes(count: stray)]))
    }

    @Test func `an address of ours counts in bytes and in text`() throws {
        #expect(try Self.read("d11:external ip4:abcd5:peers0:e").externalAddress == IPAddress("97.98.99.100"))
        #expect(try Self.read("d11:external ip7:1.2.3.45:peers0:e").externalAddress == IPAddress("1.2.3.4"))
    }

    @Test func `names of peers are few`() throws {
        let many = (0..<40).map { "d2:ip6:host\($0 + 10)4:porti1ee" }.joined()
        #expect(try Self.read("d5:peersl\(many)ee").namedPeers.count == AnnounceResponse.nameLimit)
    }

    @Test func `what a tracker may make us do is bounded`() throws {
        #expect(try Self.read("d8:intervali9999999999e5:peers0:e").interval == .seconds(86_400))
        var bytes = Array("d8:intervali60e5:peers72000:".utf8)
        bytes += Array(repeating: 1, count: 72_000) + Array("e".utf8)
        #expect(try AnnounceResponse(bencode: bytes).peers.count == AnnounceResponse.peerLimit)
        let reason = String(repeating: "x", count: 5_000)
        #expect(throws: TrackerResponseError.refused(TrackerFailure(reason: String(reason.prefix(1_024))))) {
            try Self.read("d14:failure reason5000:\(reason)e")
        }
    }

    @Test func `failures are written as they are read`() {
        for retry in [nil, .never, .after(.seconds(300))] as [TrackerFailure.Retry?] {
            var bytes: [UInt8] = []
            let failure = TrackerFailure(reason: "gone for lunch", retry: retry)
            failure.appendBencode(to: &bytes)
            #expect(throws: TrackerResponseError.refused(failure)) { try AnnounceResponse(bencode: bytes) }
        }
    }

    @Test func `scrape answers are sorted, unique and read back`() throws {
        var generator = SplitMix64(seed: 5)
        let torrents = (0..<20).map { number in
            ScrapeResponse.Torrent(
                .random(using: &generator), ScrapeCounts(complete: number, incomplete: 2 * number, downloaded: 3))
        }
        var bytes: [UInt8] = []
        ScrapeResponse(torrents: torrents + [torrents[3]]).appendBencode(to: &bytes)
        #expect(try BencodeValue(decoding: bytes).encoded == bytes)
        let read = try ScrapeResponse(bencode: bytes)
        #expect(read.torrents.count == 20)
        #expect(Set(read.torrents) == Set(torrents))
        #expect(throws: TrackerResponseError.missing(.files)) { try ScrapeResponse(bencode: Array("de".utf8)) }
        let odd = "d5:filesd3:abcde20:aaaaaaaaaaaaaaaaaaaad8:completei7ee20:bbbbbbbbbbbbbbbbbbbbi1eee"
        #expect(try ScrapeResponse(bencode: Array(odd.utf8)).torrents.map(\.counts.complete) == [7])
    }
}
