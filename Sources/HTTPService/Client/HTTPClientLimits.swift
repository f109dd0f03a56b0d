/// Named bounds on what a server can make a client spend.
package struct HTTPClientLimits: Sendable, Hashable {
    /// Bytes of the body of an answer.
    package var bodyBytes = 2 << 20
    /// How long the connection may take to come about; nil for as long as the system tries.
    package var connectTime: Duration? = .seconds(10)
    /// How long the head of the answer may take from then on.
    package var headTime: Duration? = .seconds(20)
    /// How long the next part of the body may take while somebody waits for it.
    package var bodyTime: Duration? = .seconds(30)
    /// Redirects that are followed.
    package var redirects = 5

    package init() {}

    /// Without clocks, for whoever has one of its own.
    package static func untimed(bodyBytes: Int) -> HTTPClientLimits {
        var limits = HTTPClientLimits()
        limits.bodyBytes = bodyBytes
        (limits.connectTime, limits.headTime, limits.bodyTime) = (nil, nil, nil)
        return limits
    }
}
