import TorrentCore
import TorrentIO

/// Why an announce brought nothing, in words for people, and whether asking again soon is of use.
package struct AnnounceFailure: Error, Equatable, Sendable {
    /// May hold words of the tracker.
    package var reason: String
    /// The tracker's own advice (BEP 31).
    package var retryIn: Duration?
    /// The tracker understood and refuses.
    package var isFinal = false

    package init(_ reason: String) {
        self.reason = reason
    }

    init(_ error: TrackerResponseError) {
        if case .refused(let failure) = error { self.init(failure) } else { self.init(error.description) }
    }

    init(_ failure: TrackerFailure) {
        reason = "it refuses: \(failure.reason)"
        isFinal = true
        switch failure.retry {
        case .after(let duration): retryIn = duration
        case .never: retryIn = .seconds(Int64(Int32.max))
        case nil: break
        }
    }

    static let timeout = AnnounceFailure("no answer in time")

    static func system(_ error: SystemError) -> AnnounceFailure { AnnounceFailure(error.text.lowercased()) }
}
