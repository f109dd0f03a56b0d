import PeerRuntime
import TestSupport
import Testing
import TorrentCore
import TorrentIO

/// What trackers, and what is none, answer over the wire.
@Suite struct TrackerAnswerTests {
    private static func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).map { UInt8(hex.dropFirst($0).prefix(2), radix: 16)! }
    }

    /// "d8:intervali60e5:peers6:abcdefe", compressed in three ways, and three MiB of nothing.
    private static let gzip = bytes(
        "1f8b08000000000002034bb1b0cacc2b492d2a4bccc934334835b52a484d2d2a36b34a4c4a4e494d4b05006895e3a41f000000")
    private static let zlib = bytes(
        "78da4bb1b0cacc2b492d2a4bccc934334835b52a484d2d2a36b34a4c4a4e494d4b0500b17e0b28")
    private static let raw = bytes("4bb1b0cacc2b492d2a4bccc934334835b52a484d2d2a36b34a4c4a4e494d4b0500")

    private static func announce(
        to answer: [UInt8], path: String = "/announce", inflater: Inflater = .system, within: Duration = .seconds(20)
    ) async throws -> Result<AnnounceResponse, AnnounceFailure> {
        let server = try FakeTracker.server(answer)
        defer { server.stop() }
        return try await AnnounceStage(inflater: inflater).announce(
            "http://t.test:\(server.port)\(path)", within: within)
    }

    @Test(
        arguments: [
            (gzip, "Content-Encoding: gzip\r\n"), (gzip, ""), (gzip, "Content-Encoding: deflate\r\n"),
            (zlib, "Content-Encoding: deflate\r\n"), (raw, "Content-Encoding: deflate\r\n"),
            // Without its checksum, and compressed in name only.
            (gzip.dropLast(8), ""), (FakeTracker.body(25_958), "Content-Encoding: gzip\r\n"),
        ] as [([UInt8], String)])
    func compressedAnswersAreRead(body: [UInt8], field: String) async throws {
        let answer = try await Self.announce(to: FakeTracker.http(body, field)).get()
        #expect(answer.peers.map(\.port) == [25_958])
    }

    @Test func aBombIsRefusedAndDamageIsTold() async throws {
        let bomb = Self.gzipHead + Self.zeroes(repeats: 9_000)
        #expect(bomb.count < 16_000)
        #expect(
            try await Self.announce(to: FakeTracker.http(bomb))
                == .failure(AnnounceFailure("its answer is compressed, and longer than 2 MiB")))
        // A block of the kind that there is not.
        #expect(
            try await Self.announce(to: FakeTracker.http(Self.gzipHead + [7, 7, 7]))
                == .failure(AnnounceFailure("its answer is compressed, and damaged")))
    }

    private static let gzipHead: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]

    /// One zero, then `repeats` times 258 more, as deflate writes them with its fixed codes (RFC 1951).
    private static func zeroes(repeats: Int) -> [UInt8] {
        var bits = "1" + "10" + "00110000"
        for _ in 0..<repeats { bits += "11000101" + "00000" }
        bits += "0000000"
        var bytes: [UInt8] = []
        for (place, bit) in bits.utf8.enumerated() {
            if place % 8 == 0 { bytes.append(0) }
            if bit == UInt8(ascii: "1") { bytes[place / 8] |= 1 << UInt8(place % 8) }
        }
        return bytes
    }

    @Test func withoutZlibItIsNotAskedForAndSaidToBeMissing() async throws {
        let missing = Inflater(library: "libz.so.of-nobody")
        #expect(!missing.isAvailable)
        let heads = Heads()
        let server = try FakeTracker.server(FakeTracker.http(Self.gzip, "Content-Encoding: gzip\r\n"), heads: heads)
        let reason = try await AnnounceStage(inflater: missing).failure("http://t.test:\(server.port)/announce")
        #expect(reason == "its answer is compressed, and there is no libz.so.1 here to read it")
        if Inflater.system.isAvailable { _ = try await AnnounceStage().peers("http://t.test:\(server.port)/announce") }
        #expect(heads.all.first?.contains("\r\nAccept-Encoding: identity\r\n") == true)
        #expect(!Inflater.system.isAvailable || heads.all.last?.contains("\r\nAccept-Encoding: gzip\r\n") == true)
    }

    private static let page = Array("<!DOCTYPE html><html>hello</html>".utf8)

    @Test(
        arguments: [
            (FakeTracker.http(page), "/announce", "it answers with a web page"),
            (FakeTracker.http(page), "/", "it answers with a web page; does the URL lack /announce?"),
            (FakeTracker.http(page, status: "404 Not Found"), "/announce", "HTTP status 404 (not found)"),
            (
                FakeTracker.http(page, status: "404 Not Found"), "/x",
                "HTTP status 404 (not found); does the URL lack /announce?"
            ),
            (FakeTracker.http([]), "/announce", "its answer is empty"),
            (FakeTracker.http(Array("Sorry\r\nno".utf8)), "/announce", "it answers \"Sorry\""),
            (
                FakeTracker.http(Array("Sorry".utf8), status: "403 Forbidden"), "/announce",
                "HTTP status 403 (forbidden), it answers \"Sorry\""
            ),
            (FakeTracker.http([], status: "302 Found"), "/announce", "HTTP status 302 (a redirect to nowhere)"),
            ([], "/announce", "it closes the connection without an answer"),
            (Array("HTTP/1.1 200 OK\r\nContent-Le".utf8), "/announce", "its answer ends early"),
            (
                FakeTracker.http(Array(FakeTracker.body(1).dropLast(3))), "/announce",
                "its answer ends early, after 28 bytes"
            ),
            (
                Array("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n".utf8), "/announce",
                "its answer is longer than 2 MiB"
            ),
            ([0x15, 3, 3, 0, 2, 2, 70], "/announce", "TLS answers there, not HTTP: is it an https tracker?"),
            (
                FakeTracker.http(Array("i1e".utf8)), "/stats",
                "its answer is no dictionary; does the URL lack /announce?"
            ),
        ] as [([UInt8], String, String)])
    func whatIsNoTrackersAnswerIsSaidToBeWhatItIs(answer: [UInt8], path: String, reason: String) async throws {
        #expect(try await Self.announce(to: answer, path: path) == .failure(AnnounceFailure(reason)))
    }

    /// Also where a URL without a path would else be asked again at /announce.
    @Test(arguments: ["200 OK", "400 Bad Request", "403 Forbidden", "404 Not Found", "500 Internal Server Error"])
    func aRefusalIsReadWhateverItsStatus(status: String) async throws {
        let refusal = FakeTracker.http(Array("d14:failure reason16:not on this liste".utf8), status: status)
        for path in ["/announce", "/", ""] {
            guard case .failure(let failure) = try await Self.announce(to: refusal, path: path) else {
                throw TestFailure("it went well")
            }
            #expect(failure.reason == "it refuses: not on this list" && failure.isFinal)
        }
    }

    @Test func whatACarelessServerSendsIsRead() async throws {
        let body = FakeTracker.body(7)
        let answers: [[UInt8]] = [
            // The length is wrong, either way it is no reason to lose what came; a status that means nothing.
            Array("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n".utf8) + body,
            FakeTracker.http(body, status: "404 Not Found"),
            Array("HTTP/1.0 200 OK\r\nPHP Warning\r\n\r\n\r\n".utf8) + body + Array("<!-- 1 ms -->".utf8),
        ]
        for answer in answers { #expect(try await Self.announce(to: answer).get().peers.map(\.port) == [7]) }
    }

    @Test(arguments: ["", "Content-Length: 900\r\n"])
    func whoNeitherClosesNorSaysHowLongItsAnswerIsIsRead(field: String) async throws {
        let server = try LoopbackServer { connection in
            let head = connection.receiveHead()
            let body = head.hasPrefix("GET /page") ? Self.page : FakeTracker.body(7)
            connection.send(Array("HTTP/1.1 200 OK\r\n\(field)\r\n".utf8) + body)
            _ = connection.receiveToEnd()
        }
        // At once, for it can be seen to be whole; an hour would be for a page.
        let place = "http://t.test:\(server.port)"
        #expect(try await AnnounceStage().peers("\(place)/announce", within: .seconds(3_600)) == [7])
        let reason = try await AnnounceStage().failure("\(place)/page", within: .milliseconds(300))
        #expect(reason.hasPrefix("it answers with a web page"))
    }

    @Test func whoHangsUpRudelyIsRead() async throws {
        let server = try LoopbackServer { connection in
            // What it leaves unread makes a reset of its close.
            _ = connection.receive(1)
            connection.send(Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + FakeTracker.body(7))
        }
        #expect(try await AnnounceStage().peers("http://t.test:\(server.port)/announce") == [7])
    }

    @Test func aBusyTrackerSaysWhenToAskAgain() async throws {
        let busy = FakeTracker.http([], status: "503 Busy", "Retry-After: 240\r\n")
        guard case .failure(let failure) = try await Self.announce(to: busy) else { throw TestFailure("it went well") }
        #expect(failure.retryIn == .seconds(240) && !failure.isFinal)
        let refusal = Array("d14:failure reason2:no8:intervali777ee".utf8)
        guard case .failure(let no) = try await Self.announce(to: FakeTracker.http(refusal)) else {
            throw TestFailure("it went well")
        }
        #expect(no.reason == "it refuses: no" && no.retryIn == .seconds(777) && no.isFinal)
    }
}
