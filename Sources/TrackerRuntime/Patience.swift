import TorrentCore

/// How long a connection may take for what, in nanoseconds: durations take longer to add, and a request adds three.
struct Patience {
    private let requestTime: Int64
    private let idleTime: Int64
    private let sendTime: Int64

    init(_ limits: TrackerServerLimits) {
        requestTime = limits.requestTime.wholeNanoseconds
        idleTime = limits.idleTime.wholeNanoseconds
        sendTime = limits.sendTime.wholeNanoseconds
    }

    /// When a request that begins to come `now` must be there whole.
    func request(from now: Moment) -> Moment { Self.end(now, requestTime) }
    /// When a connection that falls silent `now` has been so for too long.
    func idle(from now: Moment) -> Moment { Self.end(now, idleTime) }
    /// When a client that takes a part of an answer `now` must take the next.
    func send(from now: Moment) -> Moment { Self.end(now, sendTime) }

    private static func end(_ now: Moment, _ time: Int64) -> Moment {
        let (sum, overflow) = now.nanoseconds.addingReportingOverflow(time)
        return overflow ? .distantFuture : Moment(nanoseconds: sum)
    }
}
