/// A tracker's refusal, in its own words (BEP 3) and with its advice on asking again (BEP 31).
public struct TrackerFailure: Error, Hashable, Sendable {
    /// Untrusted text for the user.
    public var reason: String
    /// Nil if the tracker did not say.
    public var retry: Retry?

    /// When asking again may help.
    public enum Retry: Hashable, Sendable {
        /// Whole minutes on the wire.
        case after(Duration)
        /// The tracker will refuse this request for good.
        case never
    }

    /// Bytes of a reason that are kept.
    public static let reasonLimit = 1_024

    public init(reason: String, retry: Retry? = nil) {
        self.reason = reason
        self.retry = retry
    }
}
