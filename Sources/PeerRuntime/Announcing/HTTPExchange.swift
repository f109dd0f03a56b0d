import HTTPService
import TorrentCore
import TorrentIO

/// An announce to one address over HTTP (BEP 3, 7, 23): collects the answer, and reads it. Confined to its reactor.
final class HTTPExchange: AddressAttempt {
    private let url: TrackerURL
    private let inflater: Inflater
    private var listener: AnnounceExchange.Listener?
    private var call: HTTPCall?
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    /// Bytes of an answer: a tracker's with ten thousand peers has less than one MiB.
    static let bodyLimit = 2 << 20

    /// Throws errors that are known at once.
    init(
        _ announce: AnnounceRequest, to url: TrackerURL, at endpoint: Endpoint, client: TrackerClient,
        listener: @escaping AnnounceExchange.Listener
    ) throws(SystemError) {
        self.url = url
        self.listener = listener
        inflater = client.inflater
        var request = HTTPRequest(url, target: url.target(for: announce), agent: TrackerClient.agent)
        request.acceptsGzip = inflater.isAvailable
        call = try HTTPCall(
            request, to: endpoint, from: client.source, limits: .untimed(bodyBytes: Self.bodyLimit),
            reactor: client.reactor
        ) { [self] in heard($0) }
    }

    func cancel() {
        listener = nil
        call?.cancel()
        call = nil
    }

    func conclude() {
        // A server that gives no length, or a wrong one, and does not close has perhaps said all it wants.
        if !body.isEmpty { call?.conclude() }
    }

    private func heard(_ news: HTTPCallNews) {
        switch news {
        case .connected: listener?(.reached)
        case .head(let head): self.head = head
        case .body(let bytes):
            body += bytes
            if AnnounceResponse.isWhole(body) { conclude() }
        case .ended(.success): finish(outcome)
        case .ended(.failure(.system(let error))): finish(.failure(.system(error)))
        case .ended(.failure(let failure)): finish(.failure(AnnounceFailure("\(failure)")))
        }
    }

    private func finish(_ result: Result<AnnounceExchange.Outcome, AnnounceFailure>) {
        let listener = listener
        cancel()
        listener?(.ended(result))
    }

    // MARK: The answer

    private var outcome: Result<AnnounceExchange.Outcome, AnnounceFailure> {
        guard let head else { return .failure(AnnounceFailure("an answer without a head")) }
        if head.isRedirect, let location = head.location { return .success(.redirect(location)) }
        let answer = answer(head)
        // A URL without a path is asked as it stands; who knows nothing there is asked where most trackers answer.
        if head.status == 404, url.target == "/", case .failure(let failure) = answer, !failure.isFinal {
            return .success(.redirect("/announce"))
        }
        return .success(.answer(answer))
    }

    private func answer(_ head: HTTPResponseHead) -> Result<AnnounceResponse, AnnounceFailure> {
        do throws(Inflater.Failure) {
            return read(try plainBody(head), head)
        } catch {
            return .failure(AnnounceFailure("\(error)"))
        }
    }

    private func plainBody(_ head: HTTPResponseHead) throws(Inflater.Failure) -> [UInt8] {
        // Some servers compress without saying so.
        let isCompressed = head.coding == .compressed && !body.isEmpty
        guard isCompressed || Inflater.isGzip(body) else { return body }
        do throws(Inflater.Failure) {
            return try inflater.inflated(body, limit: Self.bodyLimit)
        } catch {
            // And some say so and do not.
            if error == .malformed, body.first == UInt8(ascii: "d") { return body }
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
}
