import TorrentCore
import TorrentIO

/// An announce over HTTP (BEP 3, 7, 23): looks the host up, tries its addresses in turn, follows a few redirects.
final class HTTPAnnounce: AnnounceTask {
    private let request: AnnounceRequest
    private let client: TrackerClient
    private var completion: AnnounceCompletion?
    private var url: TrackerURL
    private var redirects = 0
    private var addresses: [IPAddress] = []
    private var exchange: HTTPExchange?
    private var timer: TimerID?

    private static let redirectLimit = 5

    init(
        _ request: AnnounceRequest, to url: TrackerURL, client: TrackerClient, timeout: Duration,
        completion: @escaping AnnounceCompletion
    ) {
        self.request = request
        self.client = client
        self.completion = completion
        self.url = url
        timer = client.reactor.setTimer(after: timeout) { [self] in finish(.failure(.timeout)) }
        resolve()
    }

    func cancel() {
        completion = nil
        exchange?.cancel()
        exchange = nil
        if let timer { client.reactor.cancel(timer) }
        timer = nil
    }

    private func resolve() {
        client.resolver.resolve(url.host, on: client.reactor) { [self] result in
            guard completion != nil else { return }
            switch result {
            case .success(let found):
                addresses = found
                tryNext(after: AnnounceFailure("\(url.host) has no address"))
            case .failure(let error):
                finish(.failure(AnnounceFailure("\(error)")))
            }
        }
    }

    /// Asks the next address, or gives up with what became of the last.
    private func tryNext(after failure: AnnounceFailure) {
        guard !addresses.isEmpty else { return finish(.failure(failure)) }
        let endpoint = Endpoint(addresses.removeFirst(), port: url.port)
        let bytes = url.httpRequest(url.target(for: request), agent: TrackerClient.agent)
        do throws(SystemError) {
            exchange = try HTTPExchange(bytes, to: endpoint, reactor: client.reactor) { [self] result in
                switch result {
                case .success(let reader): answered(reader)
                case .failure(let failure): tryNext(after: failure)
                }
            }
        } catch {
            tryNext(after: .system(error))
        }
    }

    private func answered(_ reader: HTTPResponseReader) {
        guard let head = reader.head else { return finish(.failure(AnnounceFailure("an answer without a head"))) }
        if head.isRedirect, let location = head.location { return follow(location) }
        do throws(TrackerResponseError) {
            finish(.success(try AnnounceResponse(bencode: reader.body)))
        } catch {
            // A refusal may come with any status; of anything else the status says more than the body.
            if case .refused = error { return finish(.failure(AnnounceFailure(error))) }
            guard head.status == 200 else { return finish(.failure(AnnounceFailure("HTTP status \(head.status)"))) }
            finish(.failure(AnnounceFailure(error)))
        }
    }

    private func follow(_ location: String) {
        redirects += 1
        guard redirects <= Self.redirectLimit else {
            return finish(.failure(AnnounceFailure("more than \(Self.redirectLimit) redirects")))
        }
        do throws(TrackerURLError) {
            url = try url.redirected(to: location)
        } catch {
            return finish(.failure(AnnounceFailure("a redirect to a bad URL: \(error)")))
        }
        guard url.scheme == .http else {
            return finish(.failure(AnnounceFailure("a redirect to \(url.scheme.rawValue), which is not supported")))
        }
        // The target of a redirect has our parameters already if it kept the query; said twice they do no harm.
        resolve()
    }

    private func finish(_ result: Result<AnnounceResponse, AnnounceFailure>) {
        let completion = completion
        cancel()
        completion?(result)
    }
}
