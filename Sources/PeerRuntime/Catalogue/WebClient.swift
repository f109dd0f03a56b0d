import Dispatch
import HTTPService
import Synchronization
package import TorrentCore
package import TorrentIO

/// An answer from the web, whole.
package struct WebAnswer: Sendable {
    /// Of HTTP.
    package let status: Int
    /// All of it.
    package let body: [UInt8]
    /// Where it came from: behind all redirects.
    package let url: HTTPURL
}

/// Fetches what URLs name for threads that may wait: it has a reactor of its own. One fetch at a time.
package final class WebClient: Sendable {
    private let reactor: Reactor
    private let resolver = Resolver(name: "p2p.web.resolver", count: 1)
    private let state = Mutex(State())

    private struct State {
        var current: WebFetch?
        var isCancelled = false
    }

    /// How we call ourselves (User-Agent).
    package static let agent = TrackerClient.agent

    /// Throws if the system has no descriptor for it.
    package init() throws(SystemError) {
        reactor = try Reactor(name: "p2p.web")
        reactor.start()
    }

    deinit { reactor.stop() }

    /// Waits for the answer: at most `bodyBytes` of it, and `time` for all of it.
    package func fetch(
        _ request: HTTPRequest, at url: HTTPURL, bodyBytes: Int, within time: Duration
    ) throws(CatalogueError) -> WebAnswer {
        let fetch = WebFetch(time)
        try state.withLock { (state) throws(CatalogueError) in
            guard !state.isCancelled else { throw .cancelled }
            state.current = fetch
        }
        reactor.perform { [reactor, resolver] in
            var limits = HTTPClientLimits()
            limits.bodyBytes = bodyBytes
            fetch.begin(request, at: url, limits, resolver, on: reactor)
        }
        return try fetch.wait()
    }

    /// Ends the fetch that is under way, if there is one, and each that follows until `renew`; for any thread.
    package func cancel() {
        let fetch = state.withLock { state in
            state.isCancelled = true
            return state.current
        }
        if let fetch { reactor.perform { fetch.end(.failure(.cancelled)) } }
    }

    /// What was cancelled is past.
    package func renew() { state.withLock { $0.isCancelled = false } }
}

/// One fetch.
// @unchecked: `outcome` and `done` are safe from everywhere; all else is confined to the reactor of the client.
private final class WebFetch: @unchecked Sendable {
    private let time: Duration
    private let done = DispatchSemaphore(value: 0)
    private let outcome = Mutex<Result<WebAnswer, CatalogueError>?>(nil)
    private var reactor: Reactor?
    private var fetch: HTTPFetch?
    private var timer: TimerID?
    private var status = 0
    private var body: [UInt8] = []

    init(_ time: Duration) { self.time = time }

    func wait() throws(CatalogueError) -> WebAnswer {
        done.wait()
        guard let outcome = outcome.withLock(\.self) else { preconditionFailure("signalled without an outcome") }
        return try outcome.get()
    }

    func begin(
        _ request: HTTPRequest, at url: HTTPURL, _ limits: HTTPClientLimits, _ resolver: Resolver,
        on reactor: Reactor
    ) {
        guard outcome.withLock({ $0 == nil }) else { return }
        self.reactor = reactor
        timer = reactor.setTimer(after: time) { [self] in
            timer = nil
            end(.failure(.tooSlow(time)))
        }
        fetch = HTTPClient(reactor: reactor, resolver: resolver).fetch(request, at: url, limits: limits) { [self] in
            heard($0)
        }
    }

    private func heard(_ news: HTTPCallNews) {
        switch news {
        case .connected: break
        case .head(let head):
            status = head.status
            if head.coding != .identity { end(.failure(.call(.http(.unsupportedEncoding)))) }
        // The body of a redirect that is followed comes without a head.
        case .body(let bytes): if status != 0 { body += bytes }
        case .ended(.success(.whole)):
            guard let url = fetch?.url else { return }
            end(.success(WebAnswer(status: status, body: body, url: url)))
        case .ended(.success(.cutShort)): end(.failure(.call(.http(.unexpectedEnd))))
        case .ended(.failure(let failure)): end(.failure(.call(failure)))
        }
    }

    /// The first outcome counts.
    func end(_ result: Result<WebAnswer, CatalogueError>) {
        let isFirst = outcome.withLock { outcome in
            guard outcome == nil else { return false }
            outcome = result
            return true
        }
        guard isFirst else { return }
        if let timer { reactor?.cancel(timer) }
        fetch?.cancel()
        fetch = nil
        done.signal()
    }
}
