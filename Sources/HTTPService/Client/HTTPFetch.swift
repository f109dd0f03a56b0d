package import TorrentCore
import TorrentIO

/// One fetch under way.
package final class HTTPFetch {
    private let client: HTTPClient
    private let limits: HTTPClientLimits
    private var request: HTTPRequest
    /// What is asked for now: the URL of the beginning, or where redirects have led.
    package private(set) var url: HTTPURL
    private var listener: HTTPCall.Listener?
    private var call: HTTPCall?
    private var waiting: [Endpoint] = []
    private var redirects = 0
    /// Where the answer that is coming redirects to.
    private var location: String?
    private var isConnected = false
    private var isPaused = false

    init(
        _ request: HTTPRequest, at url: HTTPURL, limits: HTTPClientLimits, client: HTTPClient,
        listener: @escaping HTTPCall.Listener
    ) {
        self.client = client
        self.limits = limits
        self.request = request
        self.url = url
        self.listener = listener
        begin()
    }

    /// Ends it; nothing more is reported.
    package func cancel() {
        listener = nil
        call?.cancel()
        call = nil
    }

    /// Reads no more until `resume`, so that the server has to wait.
    package func pause() {
        isPaused = true
        call?.pause()
    }

    /// Reads on after `pause`, on whichever address and redirect it has come to.
    package func resume() {
        isPaused = false
        call?.resume()
    }

    private func begin() {
        guard url.scheme == .http else {
            let refusal = HTTPCallFailure.badRedirect("\(url.scheme.rawValue):// needs TLS, which this build has not")
            return client.reactor.performLater { [self] in finish(.failure(refusal)) }
        }
        client.resolver.resolve(url.host, on: client.reactor) { [self] result in
            guard listener != nil else { return }
            switch result {
            case .success(let found):
                let source = client.source
                waiting = found.filter { source == nil || $0.isV4 == source?.isV4 }
                    .map { Endpoint($0, port: url.port) }
                callNext(after: .resolver(.notFound("the name has no address")))
            case .failure(let failure): finish(.failure(.resolver(failure)))
            }
        }
    }

    /// Asks the next address; `failure` is the last one's.
    private func callNext(after failure: HTTPCallFailure) {
        var failure = failure
        isConnected = false
        while !waiting.isEmpty {
            do throws(SystemError) {
                call = try HTTPCall(
                    request, to: waiting.removeFirst(), from: client.source, limits: limits, reactor: client.reactor
                ) { [self] in heard($0) }
                if isPaused { call?.pause() }
                return
            } catch {
                failure = .system(error)
            }
        }
        finish(.failure(failure))
    }

    private func heard(_ news: HTTPCallNews) {
        switch news {
        case .connected:
            isConnected = true
            listener?(.connected)
        case .head(let head):
            location = head.isRedirect && [.get, .head].contains(request.method) ? head.location : nil
            if location == nil { listener?(.head(head)) }
        case .body(let bytes): listener?(.body(bytes))
        case .ended(.failure(let failure)) where !isConnected: callNext(after: failure)
        case .ended(let result):
            if let location, case .success = result { return follow(location) }
            finish(result)
        }
    }

    private func follow(_ location: String) {
        redirects += 1
        guard redirects <= limits.redirects else { return finish(.failure(.tooManyRedirects(limit: limits.redirects))) }
        do throws(NetworkURLError<HTTPScheme>) {
            url = try url.redirected(to: location)
        } catch {
            return finish(.failure(.badRedirect("\(error)")))
        }
        request = request.aimed(at: url)
        self.location = nil
        begin()
    }

    private func finish(_ result: Result<HTTPCallEnd, HTTPCallFailure>) {
        let listener = listener
        cancel()
        listener?(.ended(result))
    }
}
