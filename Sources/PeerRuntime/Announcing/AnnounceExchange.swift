import TorrentCore
import TorrentIO

/// By which protocol one address of a tracker is asked.
enum AnnounceExchange {
    case http, udp

    /// What an address has said.
    enum Outcome {
        case answer(Result<AnnounceResponse, AnnounceFailure>)
        /// Untrusted.
        case redirect(String)
    }

    typealias Listener = (AttemptNews<Outcome>) -> Void

    /// Throws errors that are known at once; reports in later iterations of the reactor.
    func begin(
        _ request: AnnounceRequest, to url: TrackerURL, at endpoint: Endpoint, client: TrackerClient,
        listener: @escaping Listener
    ) throws(SystemError) -> any AddressAttempt {
        switch self {
        case .http: return try HTTPExchange(request, to: url, at: endpoint, client: client, listener: listener)
        case .udp:
            return try UDPExchange(request, urlData: url.urlData, to: endpoint, client: client) { news in
                listener(news.map { .answer(.success($0)) })
            }
        }
    }
}
