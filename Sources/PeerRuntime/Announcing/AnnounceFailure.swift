import TorrentCore
import TorrentIO

/// Why an announce brought nothing, in words for people, and whether asking again soon is of use.
package struct AnnounceFailure: Error, Equatable, Sendable {
    /// May hold words of the tracker.
    package var reason: String
    /// The tracker's own advice (BEP 31).
    package var retryIn: Duration?
    /// The tracker understood the request and refuses it.
    package var isFinal = false

    package init(_ reason: String) {
        self.reason = reason
    }

    init(_ error: TrackerResponseError) {
        if case .refused(let failure) = error { self.init(failure) } else { self.init(error.description) }
    }

    init(_ failure: TrackerFailure) {
        reason = failure.reason.isEmpty ? "it refuses and gives no reason" : "it refuses: \(failure.reason)"
        isFinal = true
        switch failure.retry {
        case .after(let duration): retryIn = duration
        case .never: retryIn = .seconds(Int64(Int32.max))
        case nil: break
        }
    }

    /// An HTTP answer that is none of a tracker's: what is wrong with it, or with the URL that led there.
    init(_ error: TrackerResponseError, status: Int, retryAfter: Int?, of url: TrackerURL) {
        var words = status == 200 ? error.description : "HTTP status \(status)\(Self.meaning(of: status))"
        if status != 200, case .text = error { words += ", \(error)" }
        // There is nothing, or something else: then the URL is as likely to be wrong as the tracker.
        let isElsewhere = status == 404 || status == 405 || error == .webPage || error == .notDictionary
        if isElsewhere, url.lacksAnnounce { words += "; does the URL lack /announce?" }
        reason = words
        if let retryAfter, status == 429 || status == 503 { retryIn = .seconds(max(0, retryAfter)) }
    }

    private static func meaning(of status: Int) -> String {
        switch status {
        case 300..<400: " (a redirect to nowhere)"
        case 400: " (it does not understand us)"
        case 401: " (it wants a name and a password)"
        case 403: " (forbidden)"
        case 404, 410: " (not found)"
        case 429: " (we ask too often)"
        case 500, 502, 503, 504: " (the tracker is down or busy)"
        default: ""
        }
    }

    static let timeout = AnnounceFailure("no answer in time")

    static func system(_ error: SystemError) -> AnnounceFailure {
        if error.isRefused { return AnnounceFailure("nobody listens there (connection refused)") }
        if error.isUnreachable { return AnnounceFailure("no way leads there (\(error.text.lowercased()))") }
        if error.isInvalid { return AnnounceFailure("no way leads there from the address of --listen") }
        return AnnounceFailure(error.text.lowercased())
    }
}
