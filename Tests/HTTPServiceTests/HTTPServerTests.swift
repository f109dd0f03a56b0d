import HTTPService
import TestSupport
import Testing
import TorrentCore

/// What a server does with requests, whole and broken, quick and slow.
@Suite struct HTTPServerTests {
    private static func post(_ body: String, _ fields: String = "", path: String = "/echo") -> String {
        "POST \(path) HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    private static let close = "Connection: close\r\n"

    @Test(arguments: [1, 7, 1_000])
    func `a connection carries requests with and without bodies, split anywhere`(step: Int) throws {
        let stage = try ServerBench()
        let connection = try stage.connect()
        let chunked =
            "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: r\r\n\r\n"
        let text = Self.post("one") + chunked + Self.post("") + Self.post("last", Self.close)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: step) {
            connection.send(Array(bytes[start..<min(start + step, bytes.count)]))
        }
        let answers = String(decoding: connection.receiveToEnd(), as: UTF8.self)
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
        #expect(
            answers
                == "\(head)3\r\n\r\none\(head)5\r\n\r\nabcde\(head)0\r\n\r\n\(head)4\r\nConnection: close\r\n\r\nlast")
    }

    @Test func `pipelined bodies wait for room for their answers`() throws {
        let stage = try ServerBench { $0.queuedBytes = 2_000 }
        let connection = try stage.connect()
        let body = String(repeating: "x", count: 900)
        for _ in 0..<200 { connection.send(Array(Self.post(body).utf8)) }
        connection.send(Array(Self.post("last", Self.close).utf8))
        let answers = String(decoding: connection.receiveToEnd(), as: UTF8.self)
        #expect(answers.ranges(of: "\r\n\r\n\(body)").count == 200 && answers.hasSuffix("\r\n\r\nlast"))
    }

    @Test func `a body that is too long is refused before it is asked for`() throws {
        let stage = try ServerBench()
        let expecting = "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n"
        let answer = try stage.exchange("POST /echo HTTP/1.1\r\n\(expecting)")
        #expect(answer.hasPrefix("HTTP/1.1 413 Content Too Large\r\n") && answer.contains("\r\nConnection: close\r\n"))
        #expect(!answer.contains("100 Continue"))
    }

    @Test func `chunks end where the limit is`() throws {
        let stage = try ServerBench()
        let head = "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        let chunk = "1f4\r\n" + String(repeating: "x", count: 500) + "\r\n"
        let fits = try stage.exchange(
            head.replacing("\r\n\r\n", with: "\r\n\(Self.close)\r\n") + chunk + chunk + "0\r\n\r\n")
        #expect(fits.hasPrefix("HTTP/1.1 200 OK\r\n") && fits.contains("Content-Length: 1000\r\n"))
        #expect(try stage.exchange(head + chunk + chunk + "1\r\nx").hasPrefix("HTTP/1.1 413 "))
        #expect(try stage.exchange(head + "zz\r\n").hasPrefix("HTTP/1.1 400 "))
    }

    @Test func `who waits with the body is told to go on`() throws {
        let stage = try ServerBench()
        let connection = try stage.connect()
        connection.send(Array("POST /echo HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n".utf8))
        #expect(connection.receiveHead() == "HTTP/1.1 100 Continue\r\n\r\n")
        connection.send(Array("hi".utf8))
        #expect(connection.receiveHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(connection.receiveExactly(2) == Array("hi".utf8))
        // Who has sent it needs no word, and the connection goes on.
        connection.send(Array(Self.post("all", "Expect: 100-continue\r\n\(Self.close)").utf8))
        #expect(String(decoding: connection.receiveToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test(arguments: [
        "GET /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
        "GET /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ])
    func `a body where none may be ends the connection`(text: String) throws {
        let stage = try ServerBench()
        let answer = try stage.exchange(text + "GET /echo HTTP/1.1\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 400 ") && answer.ranges(of: "HTTP/1.1 ").count == 1)
    }

    @Test func `heads that are too long or too slow, and bodies that never come, end`() throws {
        let stage = try ServerBench {
            $0.headBytes = 100
            $0.headTime = .seconds(1)
            $0.bodyTime = .seconds(1)
            $0.idleTime = .seconds(1)
        }
        #expect(try stage.exchange("GET /\(String(repeating: "a", count: 100))").hasPrefix("HTTP/1.1 431 "))
        let (slow, half, idle) = (try stage.connect(), try stage.connect(), try stage.connect())
        slow.send(Array("GET / HT".utf8))
        half.send(Array("POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc".utf8))
        idle.send(Array("GET /range HTTP/1.1\r\n\r\n".utf8))
        #expect(idle.receiveHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
        for connection in [slow, half, idle] { #expect(connection.receiveToEnd() == []) }
    }

    @Test func `HEAD shows the head of what GET would bring`() async throws {
        let stage = try ServerBench()
        for (path, field) in [
            ("/range", "Content-Length: 0\r\n"), ("/counted/5", "Content-Length: 5\r\n"),
            ("/events", "Transfer-Encoding: chunked\r\n"),
        ] {
            let answer = try stage.exchange("HEAD \(path) HTTP/1.1\r\n\(Self.close)\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.contains(field) && answer.hasSuffix("\r\n\r\n"))
        }
        #expect(
            stage.pages.streams.map(\.end) == [.headOnly, .headOnly] && stage.pages.streams.allSatisfy { $0.given == 0 }
        )
    }
}
