import TorrentCore
import TorrentIO

/// An announce over whichever protocol the tracker's URL names: looks the host up, asks whichever of its addresses
/// answers, follows a few redirects.
final class TrackerAnnounce: AnnounceTask {
    private let request: AnnounceRequest
    private let exchange: AnnounceExchange
    private let client: TrackerClient
    private var completion: AnnounceCompletion?
    private var url: TrackerURL
    private var redirects = 0
    private var race: AddressRace<AnnounceExchange.Outcome>?
    private var timer: TimerID?

    private static let redirectLimit = 5

    init(
        _ request: AnnounceRequest, by exchange: AnnounceExchange, to url: TrackerURL, client: TrackerClient,
        timeout: Duration, completion: @escaping AnnounceCompletion
    ) {
        self.request = request
        self.exchange = exchange
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
        let (client, request, exchange) = (client, request, exchange)
        race = AddressRace(endpoints, pace: client.pace, reactor: client.reactor) {
            (endpoint, listener) throws(SystemError) in
            try exchange.begin(request, to: url, at: endpoint, client: client, listener: listener)
        } completion: { [self] result in
            switch result {
            case .success((let outcome, let endpoint)):
                client.remember(endpoint.address, for: url.host)
                switch outcome {
                case .answer(let result):
                    finish(result.map { AnnounceAnswer(response: $0, address: endpoint.address) })
                case .redirect(let location): follow(location)
                }
            case .failure(let failure): finish(.failure(failure))
            }
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

    private func finish(_ result: Result<AnnounceAnswer, AnnounceFailure>) {
        let completion = completion
        cancel()
        completion?(result)
    }
}
