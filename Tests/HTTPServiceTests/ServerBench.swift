import HTTPService
import Synchronization
import TestSupport
import TorrentCore
import TorrentIO

/// A server on loopback with pages for tests, and a client on the same reactor.
// @unchecked: everything but the reactor is touched on it alone, once it runs.
final class ServerBench: @unchecked Sendable {
    let reactor: Reactor
    let pages: Pages
    let port: UInt16
    private let server: HTTPServer
    private let client: HTTPClient

    /// Every name has these addresses.
    init(_ addresses: [String] = ["127.0.0.1"], _ change: (inout HTTPServerLimits) -> Void = { _ in }) throws {
        var limits = HTTPServerLimits()
        change(&limits)
        let found = addresses.compactMap { IPAddress($0) }
        reactor = try Reactor(name: "http")
        pages = Pages()
        server = HTTPServer(pages, on: reactor, limits: limits, room: HTTPConnectionRoom(limit: 64))
        client = HTTPClient(reactor: reactor, resolver: Resolver(count: 1) { _ in .success(found) })
        let listener = try TCPListener(Endpoint(.loopbackV4, port: 0))
        port = listener.endpoint.port
        try server.listen(on: listener)
        reactor.start()
    }

    deinit { reactor.stop() }

    /// Closes all connections, and waits for that.
    func stop() async throws {
        let isStopped = Atomic(false)
        reactor.perform { [self] in
            server.stop()
            isStopped.store(true, ordering: .releasing)
        }
        guard try await eventually(within: .seconds(10), { isStopped.load(ordering: .acquiring) }) else {
            throw TestFailure("the server never stopped")
        }
    }

    func connect() throws -> LoopbackConnection { try LoopbackConnection(connectingTo: Int(port)) }

    /// Sends `text` on a connection of its own, and reads until the server closes.
    func exchange(_ text: String) throws -> String {
        let connection = try connect()
        connection.send(Array(text.utf8))
        return String(decoding: connection.receiveToEnd(), as: UTF8.self)
    }

    /// Begins a fetch of `path`; `onNews` is called on the reactor.
    func fetch(
        _ path: String, port: Int? = nil, _ limits: HTTPClientLimits = HTTPClientLimits(),
        change: @escaping @Sendable (inout HTTPRequest) -> Void = { _ in },
        onNews: @escaping @Sendable (HTTPCallNews, HTTPFetch?) -> Void = { _, _ in }
    ) throws -> Fetched {
        let url = try HTTPURL("http://h.test:\(port ?? Int(self.port))\(path)")
        let fetched = Fetched()
        reactor.perform { [self] in
            var request = HTTPRequest(url, agent: "test/1")
            change(&request)
            fetched.fetch = client.fetch(request, at: url, limits: limits) { [unowned fetched] news in
                fetched.note(news)
                onNews(news, fetched.fetch)
            }
        }
        return fetched
    }
}

/// What a fetch has brought.
// @unchecked: `fetch` is touched on the reactor alone.
final class Fetched: @unchecked Sendable {
    struct State {
        var heads: [HTTPResponseHead] = []
        var body: [UInt8] = []
        var end: Result<HTTPCallEnd, HTTPCallFailure>?
    }

    private let state = Mutex(State())
    var fetch: HTTPFetch?

    var now: State { state.withLock { $0 } }

    func note(_ news: HTTPCallNews) {
        state.withLock { state in
            switch news {
            case .connected: break
            case .head(let head): state.heads.append(head)
            case .body(let bytes): state.body += bytes
            case .ended(let end): state.end = end
            }
        }
    }

    /// All of it, once it has ended.
    func end() async throws -> State {
        guard try await eventually(within: .seconds(20), { self.now.end != nil }) else {
            throw TestFailure("the fetch never ended")
        }
        return now
    }
}

/// What the server of a test shows.
final class Pages: HTTPResponder {
    static let bodyLimit = 1_000
    private let sources = Mutex<[any Source]>([])

    /// Of the streamed answers, in their order.
    var streams: [any Source] { sources.withLock { $0 } }

    func bodyLimit(of head: HTTPRequestHead, in bytes: RawSpan, from remote: IPAddress) -> Int {
        head.method == .post ? Self.bodyLimit : 0
    }

    func respond(to request: HTTPServerRequest, in bytes: RawSpan, output: inout [UInt8]) -> HTTPReply {
        if request.isBodyUnread {
            HTTPAnswer.append(.badRequest, request.framing, to: &output)
            return .written
        }
        let path = String(decoding: bytes.array(request.head.path), as: UTF8.self)
        switch path {
        case "/echo":
            HTTPAnswer.append(.ok, HTTPAnswer.plainText, request.body, request.framing, to: &output)
        case "/range":
            let range = request.head.field("range", in: bytes) ?? []
            HTTPAnswer.append(.ok, HTTPAnswer.plainText, range, request.framing, to: &output)
        case "/away": redirect("Location: /far/../range\r\n", request, &output)
        case "/loop": redirect("Location: loop\r\n", request, &output)
        case "/tls": redirect("Location: https://h.test/\r\n", request, &output)
        default: return stream(path, request, &output)
        }
        return .written
    }

    private func redirect(_ field: StaticString, _ request: HTTPServerRequest, _ output: inout [UInt8]) {
        let found = HTTPStatus("HTTP/1.1 302 Found\r\n", "moved\n")
        HTTPAnswer.append(found, field, Array("moved\n".utf8), request.framing, to: &output)
    }

    private func stream(_ path: String, _ request: HTTPServerRequest, _ output: inout [UInt8]) -> HTTPReply {
        let number = Int(path.drop { !$0.isNumber }) ?? 0
        switch path.prefix(while: { !$0.isNumber }) {
        case "/counted/": return begin(Numbers(number), length: number)
        case "/chunked/": return begin(Numbers(number), length: nil)
        case "/endless": return begin(Numbers(.max), length: nil)
        case "/short/": return begin(Numbers(number), length: number + 1)
        case "/events": return begin(Events(), length: nil)
        case "/later": return .later(Late(request.framing))
        case "/slow": return begin(Events(), length: 10)
        default:
            HTTPAnswer.append(.badRequest, request.framing, to: &output)
            return .written
        }
    }

    private func begin(_ source: any Source, length: Int?) -> HTTPReply {
        sources.withLock { $0.append(source) }
        return .stream(HTTPStreamHead(.ok, HTTPAnswer.plainText, length: length), source)
    }

    /// A body that says how it fared.
    protocol Source: HTTPBodySource, Sendable {
        var end: HTTPStreamEnd? { get }
        /// Bytes that it has given.
        var given: Int { get }
    }

    /// A whole answer that is not there at first.
    private final class Late: HTTPBodySource {
        private let framing: HTTPFraming
        private var outlet: HTTPOutlet?
        private var isDue = false

        init(_ framing: HTTPFraming) { self.framing = framing }

        func begin(_ outlet: HTTPOutlet) { self.outlet = outlet }

        func next(into piece: inout [UInt8], room: Int) -> HTTPBodyStep {
            guard isDue else {
                isDue = true
                outlet?.resume()
                return .later
            }
            HTTPAnswer.append(.ok, HTTPAnswer.plainText, Array("late".utf8), framing, to: &piece)
            return .end
        }

        func ended(_ end: HTTPStreamEnd) {}
    }

    /// So many bytes, each its own position.
    final class Numbers: Source {
        private let total: Int
        private let state = Mutex<(given: Int, end: HTTPStreamEnd?)>((0, nil))

        init(_ total: Int) { self.total = total }

        var end: HTTPStreamEnd? { state.withLock { $0.end } }
        var given: Int { state.withLock { $0.given } }

        func begin(_ outlet: HTTPOutlet) {}

        func next(into piece: inout [UInt8], room: Int) -> HTTPBodyStep {
            let before = given
            let count = min(room, total - before)
            let first = before & 255
            piece += Self.pattern[first..<first + count]
            state.withLock { $0.given += count }
            return before + count == total ? .end : .more
        }

        func ended(_ end: HTTPStreamEnd) {
            state.withLock { state in
                precondition(state.end == nil, "ended twice")
                state.end = end
            }
        }

        static func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0) } }

        // Each byte made anew would take a second a stream in a debug build.
        private static let pattern = bytes(65_536 + 256)
    }

    /// What the test says, when it says it.
    // @unchecked: the outlet is touched on the reactor alone.
    final class Events: Source, @unchecked Sendable {
        private struct State {
            var waiting: [String] = []
            var isOver = false
            var given = 0
            var end: HTTPStreamEnd?
        }

        private let state = Mutex(State())
        private var outlet: HTTPOutlet?

        var end: HTTPStreamEnd? { state.withLock { $0.end } }
        var given: Int { state.withLock { $0.given } }

        func say(_ words: String..., isLast: Bool = false, on reactor: Reactor) {
            state.withLock { state in
                state.waiting += words
                state.isOver = isLast
            }
            reactor.perform { self.outlet?.resume() }
        }

        func begin(_ outlet: HTTPOutlet) { self.outlet = outlet }

        func next(into piece: inout [UInt8], room: Int) -> HTTPBodyStep {
            state.withLock { state in
                if !state.waiting.isEmpty { piece += state.waiting.removeFirst().utf8 }
                state.given += piece.count
                if !state.waiting.isEmpty { return .more }
                return state.isOver ? .end : .later
            }
        }

        func ended(_ end: HTTPStreamEnd) {
            state.withLock { state in
                precondition(state.end == nil, "ended twice")
                state.end = end
            }
        }
    }
}
