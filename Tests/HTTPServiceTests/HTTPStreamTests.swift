import HTTPService
import TestSupport
import Testing
import TorrentCore

/// Answers whose bodies come piece by piece.
@Suite struct HTTPStreamTests {
    private static let get = " HTTP/1.1\r\n"

    private static func end(of stage: ServerBench, _ number: Int = 0) async throws -> HTTPStreamEnd? {
        _ = try await eventually(within: .seconds(10)) {
            stage.pages.streams.count > number && stage.pages.streams[number].end != nil
        }
        return stage.pages.streams.count > number ? stage.pages.streams[number].end : nil
    }

    private static func events(of stage: ServerBench) async throws -> Pages.Events {
        _ = try await eventually(within: .seconds(10)) { !stage.pages.streams.isEmpty }
        guard let events = stage.pages.streams.first as? Pages.Events else { throw TestFailure("nobody asked") }
        return events
    }

    @Test(arguments: ["/counted/", "/chunked/"])
    func `a long body comes whole, and the connection goes on`(path: String) async throws {
        let stage = try ServerBench()
        let connection = try stage.connect()
        // The second request is there before the first answer is.
        let count = 3_000_000
        connection.send(Array("GET \(path)\(count) HTTP/1.1\r\n\r\nGET /range HTTP/1.1\r\nRange: x\r\n\r\n".utf8))
        var reader = HTTPResponseReader(bodyLimit: count)
        var rest: [UInt8] = []
        let head = connection.receiveHead()
        try Array(head.utf8).withBytes { try reader.receive($0) }
        if path == "/counted/" {
            #expect(connection.receiveExactly(count) == Pages.Numbers.bytes(count))
            rest = Array(connection.receiveHead().utf8)
        } else {
            // One byte at a time where the end may be, so that none of the next answer is lost.
            while !reader.isComplete {
                let more = connection.receive(reader.received < count ? count - reader.received : 1)
                guard !more.isEmpty else { break }
                try more.withBytes { try reader.receive($0) }
            }
            #expect(reader.isComplete && reader.body == Pages.Numbers.bytes(count))
            rest = Array(connection.receiveHead().utf8)
        }
        #expect(String(decoding: rest, as: UTF8.self).contains("Content-Length: 1\r\n"))
        #expect(try await Self.end(of: stage) == .whole)
    }

    @Test func `a client of HTTP 1_0 reads to the end`() async throws {
        let stage = try ServerBench()
        let answer = try stage.exchange("GET /chunked/5 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(answer.hasSuffix("Connection: close\r\n\r\n\u{0}\u{1}\u{2}\u{3}\u{4}"))
        #expect(!answer.contains("chunked"))
    }

    @Test func `events leave when they happen`() async throws {
        let stage = try ServerBench()
        let connection = try stage.connect()
        connection.send(Array("GET /events HTTP/1.1\r\n\r\n".utf8))
        #expect(connection.receiveHead().contains("\r\nTransfer-Encoding: chunked\r\n"))
        let events = try await Self.events(of: stage)
        events.say("one", on: stage.reactor)
        #expect(connection.receiveExactly(8) == Array("3\r\none\r\n".utf8))
        events.say("two", "three", on: stage.reactor)
        #expect(connection.receiveExactly(18) == Array("3\r\ntwo\r\n5\r\nthree\r\n".utf8))
        events.say("end", isLast: true, on: stage.reactor)
        #expect(connection.receiveExactly(13) == Array("3\r\nend\r\n0\r\n\r\n".utf8))
        #expect(try await Self.end(of: stage) == .whole)
        connection.send(Array("GET /range HTTP/1.1\r\n\r\n".utf8))
        #expect(connection.receiveHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test func `a source hears that its client has gone, be it silent or not`() async throws {
        let stage = try ServerBench()
        for (number, path) in ["/events", "/endless", "/counted/500000000"].enumerated() {
            var connection: LoopbackConnection? = try stage.connect()
            connection?.send(Array("GET \(path) HTTP/1.1\r\n\r\n".utf8))
            #expect(connection?.receiveHead().hasPrefix("HTTP/1.1 200 OK\r\n") == true)
            connection = nil
            #expect(try await Self.end(of: stage, number) == .clientGone, "\(path)")
        }
    }

    @Test func `a reader that does not read costs no memory, and no patience for ever`() async throws {
        let stage = try ServerBench { $0.sendTime = .milliseconds(200) }
        let connection = try stage.connect()
        connection.send(Array("GET /counted/500000000 HTTP/1.1\r\n\r\n".utf8))
        #expect(connection.receiveHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(try await Self.end(of: stage) == .clientGone)
        // No more than the system's buffers hold, and a piece.
        #expect(stage.pages.streams[0].given < 20_000_000)
        withExtendedLifetime(connection) {}
    }

    @Test func `requests behind a stream are kept within bounds`() async throws {
        let stage = try ServerBench { $0.headBytes = 500 }
        let connection = try stage.connect()
        connection.send(Array("GET /events HTTP/1.1\r\n\r\n".utf8))
        _ = connection.receiveHead()
        let events = try await Self.events(of: stage)
        let request = Array("GET /range HTTP/1.1\r\n\r\n".utf8)
        for _ in 0..<100 { connection.send(request) }
        events.say("end", isLast: true, on: stage.reactor)
        #expect(connection.receiveExactly(13) == Array("3\r\nend\r\n0\r\n\r\n".utf8))
        for _ in 0..<100 { #expect(connection.receiveHead().hasPrefix("HTTP/1.1 200 OK\r\n")) }
    }

    /// What is behind a stream is read up to a bound: from then on nobody would see the client go.
    @Test(arguments: ["/events", "/slow"])
    func `a client that goes with too much unread is not waited for for ever`(path: String) async throws {
        let stage = try ServerBench {
            $0.headBytes = 500
            $0.idleTime = .milliseconds(300)
        }
        var connection: LoopbackConnection? = try stage.connect()
        connection?.send(Array("GET \(path) HTTP/1.1\r\n\r\n".utf8))
        #expect(connection?.receiveHead().hasPrefix("HTTP/1.1 200 OK\r\n") == true)
        // Who finishes sending is not watched either, where the answer has a length.
        if path == "/events" {
            connection?.send([UInt8](repeating: 0x20, count: 10_000))
        } else {
            connection?.finishSending()
        }
        _ = try await Self.events(of: stage)
        connection = nil
        #expect(try await Self.end(of: stage) == .clientGone)
    }

    @Test func `a body that is shorter than its head says is seen to be`() async throws {
        let stage = try ServerBench()
        let answer = try stage.exchange("GET /short/5 HTTP/1.1\r\n\r\n")
        #expect(answer.contains("\r\nContent-Length: 6\r\n"))
        #expect(try await Self.end(of: stage) == .broken)
        let fetched = try await stage.fetch("/short/5").end()
        #expect(fetched.end != .success(.whole))
    }

    @Test func `who has said all may still read what has a length`() async throws {
        let stage = try ServerBench()
        let connection = try stage.connect()
        connection.send(Array("GET /counted/2000000 HTTP/1.1\r\n\r\n".utf8))
        _ = connection.receiveHead()
        connection.finishSending()
        #expect(connection.receiveToEnd() == Pages.Numbers.bytes(2_000_000))
        #expect(try await Self.end(of: stage) == .whole)
    }

    @Test func `a server that stops tells the sources`() async throws {
        let stage = try ServerBench()
        let connection = try stage.connect()
        connection.send(Array("GET /events HTTP/1.1\r\n\r\n".utf8))
        _ = connection.receiveHead()
        try await stage.stop()
        #expect(try await Self.end(of: stage) == .clientGone)
        #expect(connection.receiveToEnd() == [])
    }
}
