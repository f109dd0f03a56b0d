import TorrentCore

/// Named bounds on what the clients of a server can make it spend.
package struct HTTPServerLimits: Sendable, Hashable {
    /// Bytes of a request's head.
    package var headBytes = 8_192
    /// How long the head of a request may take to come whole.
    package var headTime: Duration = .seconds(10)
    /// How long a body may take to come whole, from its head on; how long it may be its responder says.
    package var bodyTime: Duration = .seconds(60)
    /// How long a connection may be silent between requests.
    package var idleTime: Duration = .seconds(60)
    /// How long an answer may wait for a client that does not read.
    package var sendTime: Duration = .seconds(30)
    /// Bytes of unsent answers of one connection from which on its next request waits.
    package var queuedBytes = 131_072
    /// Bytes of bodies that are coming, of all connections together.
    package var uploadBytes = 64 << 20

    package init() {}
}

/// How long a connection may take for what, in nanoseconds: durations take longer to add, and a request adds three.
struct Patience {
    private let headTime: Int64
    private let bodyTime: Int64
    private let idleTime: Int64
    private let sendTime: Int64

    init(_ limits: HTTPServerLimits) {
        headTime = limits.headTime.wholeNanoseconds
        bodyTime = limits.bodyTime.wholeNanoseconds
        idleTime = limits.idleTime.wholeNanoseconds
        sendTime = limits.sendTime.wholeNanoseconds
    }

    /// When a head that begins to come `now` must be there whole.
    func head(from now: Moment) -> Moment { Self.end(now, headTime) }
    /// When a body whose head has come `now` must be there whole.
    func body(from now: Moment) -> Moment { Self.end(now, bodyTime) }
    /// When a connection that falls silent `now` has been so for too long.
    func idle(from now: Moment) -> Moment { Self.end(now, idleTime) }
    /// When a client that takes a part of an answer `now` must take the next.
    func send(from now: Moment) -> Moment { Self.end(now, sendTime) }

    private static func end(_ now: Moment, _ time: Int64) -> Moment {
        let (sum, overflow) = now.nanoseconds.addingReportingOverflow(time)
        return overflow ? .distantFuture : Moment(nanoseconds: sum)
    }
}
