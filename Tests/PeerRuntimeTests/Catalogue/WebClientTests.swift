import Foundation
import PeerRuntime
import Synchronization
import TestSupport
import Testing
import TorrentCore

/// Waiting for an answer has an end: its time, or whoever ends it.
@Suite struct WebClientTests {
    /// Sends a byte now and then, for ever.
    private static func drip(_ onRequest: @escaping @Sendable () -> Void = {}) throws -> LoopbackServer {
        try LoopbackServer { connection in
            _ = connection.receiveHead()
            onRequest()
            connection.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".utf8))
            while connection.send([0x20]), connection.receive(1).isEmpty == false {}
        }
    }

    private static func request(to server: LoopbackServer) throws -> (HTTPRequest, HTTPURL) {
        let url = try HTTPURL("http://127.0.0.1:\(server.port)/torrents")
        return (HTTPRequest(url, agent: WebClient.agent), url)
    }

    @Test func `an answer that never ends is given up when its time is over`() throws {
        let server = try Self.drip()
        let (request, url) = try Self.request(to: server)
        let client = try WebClient()
        #expect(throws: CatalogueError.tooSlow(.milliseconds(200))) {
            try client.fetch(request, at: url, bodyBytes: 1 << 20, within: .milliseconds(200))
        }
    }

    @Test func `what is under way ends at once when it is cancelled`() async throws {
        let client = try WebClient()
        let server = try Self.drip { client.cancel() }
        let (request, url) = try Self.request(to: server)
        #expect(throws: CatalogueError.cancelled) {
            try client.fetch(request, at: url, bodyBytes: 1 << 20, within: .seconds(60))
        }
    }

    /// Whoever cancels between two fetches that belong together means both.
    @Test func `what was cancelled begins nothing more until it is renewed`() throws {
        let asked = Recorder<Bool>()
        let server = try Self.drip { asked.add(true) }
        let (request, url) = try Self.request(to: server)
        let client = try WebClient()
        client.cancel()
        #expect(throws: CatalogueError.cancelled) {
            try client.fetch(request, at: url, bodyBytes: 1 << 20, within: .seconds(60))
        }
        #expect(asked.all.isEmpty)
        client.renew()
        #expect(throws: CatalogueError.tooSlow(.milliseconds(200))) {
            try client.fetch(request, at: url, bodyBytes: 1 << 20, within: .milliseconds(200))
        }
    }

    @Test func `a list that claims to be longer than it is ends with its last page`() throws {
        let server = try LoopbackServer { connection in
            let isFirst = connection.receiveHead().contains("offset=0&")
            let hash = String(repeating: "ab", count: 20)
            let entry = "{\"number\":1,\"infohash\":\"\(hash)\",\"name\":\"x\",\"length\":5}"
            let body = "{\"torrents\":[\(isFirst ? entry : "")],\"total\":1000000000000}"
            connection.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
        }
        let client = try CatalogueClient(at: HTTPURL("http://127.0.0.1:\(server.port)/"))
        let listing = try client.all(CatalogueQuery())
        #expect(listing.torrents.map(\.number) == [1] && listing.total == 1_000_000_000_000)
    }

    @Test func `a list without end is given up`() throws {
        let asked = Mutex(0)
        let server = try LoopbackServer { connection in
            guard !connection.receiveHead().isEmpty else { return }
            let number = asked.withLock { count in
                count += 1
                return count
            }
            let digits = String(number, radix: 16)
            let hash = String(repeating: "0", count: 40 - digits.count) + digits
            let entry = "{\"number\":\(number),\"infohash\":\"\(hash)\",\"name\":\"x\",\"length\":5}"
            let body = "{\"torrents\":[\(entry)],\"total\":1000000000}"
            connection.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
        }
        let client = try CatalogueClient(at: HTTPURL("http://127.0.0.1:\(server.port)/"))
        #expect(throws: CatalogueError.endless(torrents: CatalogueClient.mostPages)) {
            try client.all(CatalogueQuery())
        }
    }

    @Test func `of a refusal's words some are kept`() throws {
        let server = try LoopbackServer { connection in
            _ = connection.receiveHead()
            let words = String(repeating: "no ", count: 100_000)
            let body = "{\"error\":\"\(words)\",\"code\":\"\(words)\"}"
            connection.send(Array("HTTP/1.1 403 No\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
        }
        let client = try CatalogueClient(at: HTTPURL("http://127.0.0.1:\(server.port)/"))
        let kept = String(repeating: "no ", count: CatalogueClient.refusalBytes / 3)
        #expect(throws: CatalogueError.refused(status: 403, code: kept, words: kept)) { try client.entry(.number(1)) }
    }

    @Test(
        arguments: [
            ("http://localhost:1", true), ("http://127.0.0.2:1", true), ("http://[::1]:1", true),
            ("http://0.0.0.0:1", true), ("http://192.168.1.7:1", false), ("http://localhost.example:1", false),
        ])
    func `an address of this machine alone is told from others`(text: String, isAlone: Bool) throws {
        #expect(try CatalogueClient(at: HTTPURL(text)).isForThisMachineAlone == isAlone)
    }

    @Test(
        arguments: [
            ("http://h:1", true, "http://h:1"), ("http://h:1/", true, "http://h:1"),
            ("http://h:1/torrents?sort=name", true, "http://h:1"), ("http://h:1/announce", true, "http://h:1"),
            ("http://h/a/torrents/", true, "http://h/a"), ("http://h:1/film", false, "http://h:1/film"),
            ("http://h:1/film?x=1", false, "http://h:1/film"),
        ])
    func `a catalogue is told from other URLs`(text: String, isNamed: Bool, name: String) throws {
        let url = try HTTPURL(text)
        #expect(CatalogueClient.isNamed(by: url) == isNamed)
        #expect(try CatalogueClient(at: url).name == name)
    }
}
