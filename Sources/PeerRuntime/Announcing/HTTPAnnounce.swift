import TorrentCore
import TorrentIO

/// An announce over HTTP (BEP 3, 7, 23): looks the host up, asks whichever of its addresses answers, follows a few
/// redirects, reads what came.
final class HTTPAnnounce: AnnounceTask {
    private let request: AnnounceRequest
    private let client: TrackerClient
    private var completion: AnnounceCompletion?
    private var url: TrackerURL
    private var redirects = 0
    private var race: AddressRace<HTTPResponseReader>?
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
        timer = client.reactor.setTimer(after: timeout) { [self] in
            finish(.failure(race?.conclude() ?? .timeout))
        }
        ask()
    }

    func cancel() {
        completion = nil
        race?.cancel()
        race = nil
        if let timer { client.reactor.cancel(timer) }
        timer = nil
    }

    /// Sends the request to `url`, the original one or where a redirect led.
    private func ask() {
        let url = url
        client.endpoints(of: url) { [self] result in
            guard completion != nil else { return }
            switch result {
            case .success(let endpoints): ask(endpoints, of: url)
            case .failure(let failure): finish(.failure(failure))
            }
        }
    }

    private func ask(_ endpoints: [Endpoint], of url: TrackerURL) {
        let bytes = url.httpRequest(
            url.target(for: request), agent: TrackerClient.agent, acceptsGzip: client.inflater.isAvailable)
        let (reactor, source) = (client.reactor, client.source)
        race = AddressRace(endpoints, pace: client.pace, reactor: reactor) { (endpoint, listener) throws(SystemError) in
            try HTTPExchange(bytes, to: endpoint, from: source, reactor: reactor, listener: listener)
        } completion: { [self] result in
            switch result {
            case .success((let reader, let endpoint)):
                client.remember(endpoint.address, for: url.host)
                answered(reader)
            case .failure(let failure): finish(.failure(failure))
            }
        }
    }

    private func answered(_ reader: HTTPResponseReader) {
        guard let head = reader.head else { return finish(.failure(AnnounceFailure("an answer without a head"))) }
        if head.isRedirect, let location = head.location { return follow(location) }
        do throws(Inflater.Failure) {
            finish(read(try plainBody(reader, head), head))
        } catch {
            finish(.failure(AnnounceFailure("\(error)")))
        }
    }

    private func plainBody(
        _ reader: HTTPResponseReader, _ head: HTTPResponseHead
    ) throws(Inflater.Failure) -> [UInt8] {
        // Some servers compress without saying so.
        let isCompressed = head.coding == .compressed && !reader.body.isEmpty
        guard isCompressed || Inflater.isGzip(reader.body) else { return reader.body }
        do throws(Inflater.Failure) {
            return try client.inflater.inflated(reader.body, limit: HTTPExchange.bodyLimit)
        } catch {
            // And some say so and do not.
            if error == .malformed, reader.body.first == UInt8(ascii: "d") { return reader.body }
            throw error
        }
    }

    private func read(_ body: [UInt8], _ head: HTTPResponseHead) -> Result<AnnounceResponse, AnnounceFailure> {
        do throws(TrackerResponseError) {
            return .success(try AnnounceResponse(bencode: body))
        } catch {
            // A refusal may come with any status; of anything else the status says more than the body.
            if case .refused = error { return .failure(AnnounceFailure(error)) }
            return .failure(AnnounceFailure(error, status: head.status, retryAfter: head.retryAfter, of: url))
        }
    }

    private func follow(_ location: String) {
        redirects += 1
        guard redirects <= Self.redirectLimit else {
            return finish(.failure(AnnounceFailure("it redirects more than \(Self.redirectLimit) times")))
        }
        do throws(TrackerURLError) {
            url = try url.redirected(to: location).withoutParameters(of: request, to: url)
        } catch {
            return finish(.failure(AnnounceFailure("it redirects to a bad URL: \(error)")))
        }
        guard url.scheme == .http else {
            return finish(.failure(AnnounceFailure("it redirects to \(url.scheme.rawValue), where we do not follow")))
        }
        ask()
    }

    private func finish(_ result: Result<AnnounceResponse, AnnounceFailure>) {
        let completion = completion
        cancel()
        completion?(result)
    }
}
