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
            ("<html>no</html>", .notBencode(.unexpectedByte(0x3C, at: 0))),
            ("le", .notDictionary),
            ("d5:peers0:e", .missing(.interval)),
            ("d8:intervali0e5:peers0:e", .malformed(.interval)),
            ("d8:intervali-5e5:peers0:e", .malformed(.interval)),
            ("d8:interval2:605:peers0:e", .malformed(.interval)),
            ("d8:intervali60ee", .missing(.peers)),
            ("d8:intervali60e5:peers5:abcdee", .malformed(.peers)),
            ("d8:intervali60e5:peersi1ee", .malformed(.peers)),
            ("d8:intervali60e5:peersli1eee", .malformed(.peers)),
            ("d8:intervali60e5:peers0:6:peers66:abcdefe", .malformed(.peers6)),
            ("d11:external ip3:abc8:intervali60e5:peers0:e", .malformed(.externalIP)),
            ("d14:failure reasoni1ee", .malformed(.failureReason)),
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
        ] as [(String, TrackerResponseError)])
    func `what is wrong is named`(text: String, error: TrackerResponseError) {
        #expect(throws: error) { try Self.read(text) }
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
        let files = (0..<20).map { number in
            ScrapeResponse.File(
                .random(using: &generator), ScrapeCounts(complete: number, incomplete: 2 * number, downloaded: 3))
        }
        var bytes: [UInt8] = []
        ScrapeResponse(files: files + [files[3]]).appendBencode(to: &bytes)
        #expect(try BencodeValue(decoding: bytes).encoded == bytes)
        let read = try ScrapeResponse(bencode: bytes)
        #expect(read.files.count == 20)
        for file in files { #expect(read[file.infoHash] == file.counts) }
        #expect(throws: TrackerResponseError.missing(.files)) { try ScrapeResponse(bencode: Array("de".utf8)) }
        #expect(throws: TrackerResponseError.malformed(.infoHash)) {
            try ScrapeResponse(bencode: Array("d5:filesd3:abcdeee".utf8))
        }
    }
}
