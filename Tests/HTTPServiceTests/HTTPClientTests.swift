import HTTPService
import Synchronization
import TestSupport
import Testing
import TorrentCore
import TorrentIO

/// The client beside our server, and beside servers that do not behave.
@Suite struct HTTPClientTests {
    private static func limits(_ change: (inout HTTPClientLimits) -> Void) -> HTTPClientLimits {
        var limits = HTTPClientLimits()
        change(&limits)
        return limits
    }

    @Test(arguments: ["/counted/1500000", "/chunked/1500000"])
    func `a body comes in parts, by length or in chunks`(path: String) async throws {
        let parts = Atomic(0)
        let stage = try ServerBench()
        let fetched = try await stage.fetch(
            path,
            onNews: { news, _ in
                if case .body = news { parts.add(1, ordering: .relaxed) }
            }
        ).end()
        #expect(fetched.end == .success(.whole) && fetched.heads.map(\.status) == [200])
        #expect(fetched.body == Pages.Numbers.bytes(1_500_000))
        #expect(parts.load(ordering: .relaxed) > 10)
    }

    @Test func `a request says its range, its body, and what it is`() async throws {
        let stage = try ServerBench()
        let range = try await stage.fetch("/range") { $0.fields = [.range(from: 10, through: 19)] }.end()
        #expect(range.body == Array("bytes=10-19".utf8))
        let post = try await stage.fetch("/echo") {
            $0.method = .post
            $0.body = Array("what I say".utf8)
        }.end()
        #expect(post.body == Array("what I say".utf8))
        let head = try await stage.fetch("/counted/9") { $0.method = .head }.end()
        #expect(head.end == .success(.whole) && head.heads.map(\.contentLength) == [9] && head.body == [])
    }

    @Test func `redirects are followed, some of them`() async throws {
        let stage = try ServerBench()
        let fetched = try await stage.fetch("/away") { $0.fields = [.range(from: 1, through: nil)] }.end()
        #expect(fetched.heads.map(\.status) == [200] && fetched.body == Array("bytes=1-".utf8))
        #expect(try await stage.fetch("/loop").end().end == .failure(.tooManyRedirects(limit: 5)))
        #expect(
            try await stage.fetch("/tls").end().end
                == .failure(.badRedirect("https:// needs TLS, which this build has not")))
        // Nobody should send twice what was meant for one.
        let post = try await stage.fetch("/away") { $0.method = .post }.end()
        #expect(post.heads.map(\.status) == [302] && post.end == .success(.whole))
    }

    @Test func `an answer that never ends is cut at the limit`() async throws {
        let stage = try ServerBench()
        let fetched = try await stage.fetch("/endless", Self.limits { $0.bodyBytes = 300_000 }).end()
        #expect(fetched.end == .failure(.http(.bodyTooLong(limit: 300_000))) && fetched.body.count <= 300_000)
        let isGone = try await eventually(within: .seconds(60)) { stage.pages.streams[0].end == .clientGone }
        #expect(isGone)
        let promised = try await stage.fetch("/counted/300001", Self.limits { $0.bodyBytes = 300_000 }).end()
        #expect(promised.end == .failure(.http(.bodyTooLong(limit: 300_000))) && promised.body == [])
    }

    @Test func `who pauses makes the server wait`() async throws {
        let stage = try ServerBench { $0.sendTime = .milliseconds(200) }
        let total = 500_000_000
        let fetching = try stage.fetch(
            "/counted/\(total)", Self.limits { $0.bodyBytes = total },
            onNews: { news, fetch in
                if case .head = news { fetch?.pause() }
            })
        // The server loses its patience; until then it had to wait.
        let isGone = try await eventually(within: .seconds(60)) { stage.pages.streams.first?.end == .clientGone }
        #expect(isGone && stage.pages.streams[0].given < 20_000_000)
        #expect(fetching.now.body.count <= 16_384 && fetching.now.end == nil)
        stage.reactor.perform { fetching.fetch?.resume() }
        let fetched = try await fetching.end()
        #expect(fetched.body.count > 16_384 && fetched.end != .success(.whole))
        #expect(fetched.body == Pages.Numbers.bytes(fetched.body.count))
    }

    @Test func `each wait has its end`() async throws {
        let stage = try ServerBench()
        let mute = try LoopbackServer { connection in _ = connection.receiveToEnd() }
        let limits = Self.limits { $0.headTime = .milliseconds(100) }
        #expect(try await stage.fetch("/", port: mute.port, limits).end().end == .failure(.timeout(.head)))
        #expect(
            try await stage.fetch("/events", Self.limits { $0.bodyTime = .milliseconds(100) }).end().end
                == .failure(.timeout(.body)))
        // Bytes of a head buy no time for the rest of it.
        let trickle = try LoopbackServer { connection in
            for byte in "HTTP/1.1 200 OK\r\nX: ".utf8 where !connection.send([byte]) { return }
            while connection.send([UInt8(ascii: "x")]) { if connection.receive(1).isEmpty { return } }
        }
        #expect(try await stage.fetch("/", port: trickle.port, limits).end().end == .failure(.timeout(.head)))
    }

    @Test func `the next address is asked where one takes no connection`() async throws {
        let stage = try ServerBench(["127.0.0.9", "127.0.0.1"])
        #expect(try await stage.fetch("/counted/3").end().body == [0, 1, 2])
        let other = try ServerBench(["127.0.0.9"])
        let refused = try await other.fetch("/counted/3").end()
        guard case .failure(.system(let error)) = refused.end else { throw TestFailure("\(refused)") }
        #expect(error.isRefused)
    }

    @Test func `a cancelled fetch says nothing more`() async throws {
        let stage = try ServerBench()
        let fetching = try stage.fetch(
            "/endless", Self.limits { $0.bodyBytes = .max },
            onNews: { news, fetch in
                if case .body = news { fetch?.cancel() }
            })
        let isGone = try await eventually(within: .seconds(60)) { stage.pages.streams.first?.end == .clientGone }
        #expect(isGone && fetching.now.end == nil && fetching.now.body.count <= 16_384)
    }

    @Test func `what comes before an answer, and an answer that is cut`() async throws {
        let stage = try ServerBench()
        for (answer, end) in [
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", .success(.whole)),
            ("HTTP/1.1 200 OK\r\n\r\nok", .success(.whole)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", .success(.cutShort)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", .failure(.http(.unexpectedEnd))),
            ("", .failure(.http(.noAnswer))),
        ] as [(String, Result<HTTPCallEnd, HTTPCallFailure>)] {
            let server = try LoopbackServer { connection in
                _ = connection.receiveHead()
                connection.send(Array(answer.utf8))
            }
            #expect(try await stage.fetch("/", port: server.port).end().end == end, "\(answer)")
        }
    }
}
