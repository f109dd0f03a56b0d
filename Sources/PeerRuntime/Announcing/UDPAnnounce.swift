import TorrentCore
import TorrentIO

/// An announce over UDP (BEP 15): looks the host up and asks whichever of its addresses answers.
final class UDPAnnounce: AnnounceTask {
    private let request: AnnounceRequest
    private let url: TrackerURL
    private let client: TrackerClient
    private var completion: AnnounceCompletion?
    private var race: AddressRace<AnnounceResponse>?
    private var deadline: TimerID?

    init(
        _ request: AnnounceRequest, to url: TrackerURL, client: TrackerClient, timeout: Duration,
        completion: @escaping AnnounceCompletion
    ) {
        self.request = request
        self.url = url
        self.client = client
        self.completion = completion
        deadline = client.reactor.setTimer(after: timeout) { [self] in
            finish(.failure(race?.conclude() ?? .timeout))
        }
        client.endpoints(of: url) { [self] result in
            guard self.completion != nil else { return }
            switch result {
            case .success(let endpoints): ask(endpoints)
            case .failure(let failure): finish(.failure(failure))
            }
        }
    }

    func cancel() {
        completion = nil
        race?.cancel()
        race = nil
        if let deadline { client.reactor.cancel(deadline) }
        deadline = nil
    }

    private func ask(_ endpoints: [Endpoint]) {
        let (client, request, urlData) = (client, request, url.urlData)
        race = AddressRace(endpoints, pace: client.pace, reactor: client.reactor) {
            (endpoint, listener) throws(SystemError) in
            try UDPExchange(request, urlData: urlData, to: endpoint, client: client, listener: listener)
        } completion: { [self] result in
            switch result {
            case .success((let response, let endpoint)):
                client.remember(endpoint.address, for: url.host)
                finish(.success(response))
            case .failure(let failure): finish(.failure(failure))
            }
        }
    }

    private func finish(_ result: Result<AnnounceResponse, AnnounceFailure>) {
        let completion = completion
        cancel()
        completion?(result)
    }
}
