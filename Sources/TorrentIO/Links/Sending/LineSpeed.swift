import TorrentCore

/// How quick the line behind a socket is, judged by what the kernel takes.
///
/// On a slow line the kernel is given little ahead: no message can overtake what waits there, no choke can take it
/// back, and nobody could tell which block is on its way. On a quick line that would only cost calls.
struct LineSpeed {
    private(set) var isQuick = false
    /// Unsent bytes that the kernel may hold while the line is slow.
    private var ahead = Self.firstAhead
    private var since: Moment?
    private var bytes = 0
    // The same over a shorter time, for what is slow.
    private var recently = (since: Moment.zero, bytes: 0)

    /// Bytes after which the line is judged anew: several times what the kernel holds for a slow line.
    private static let span = 512 << 10
    /// Bytes a second from which on a line is quick, and below which it is slow again.
    private static let quick = 8e6
    private static let slow = 4e6
    /// The kernel may hold what a slow line sends in a tenth of a second, within these bounds.
    private static let timeAhead = 0.1
    private static let (leastAhead, firstAhead, mostAhead) = (4 << 10, 8 << 10, 16 << 10)
    private static let shortestTime = Duration.milliseconds(250)
    /// After a longer pause it is measured anew.
    private static let longestTime = Duration.seconds(2)

    /// Unsent bytes that the kernel may hold, and what it is offered at once.
    var backlog: Int32 { isQuick ? .max : Int32(ahead) }
    var offer: Int { isQuick ? .max : ahead }

    /// Notes that the kernel has taken `count` bytes; true if that changes `backlog`. Idle time counts: a peer that
    /// asks for little does not need a quick line.
    mutating func took(_ count: Int, at now: Moment) -> Bool {
        guard count > 0 else { return false }
        let before = backlog
        bytes += count
        if !isQuick { measure(count, at: now) }
        if let since {
            if bytes >= Self.span {
                let rate = Double(bytes) / max(1e-9, (now - since) / .seconds(1))
                (self.since, bytes) = (now, 0)
                isQuick = rate >= (isQuick ? Self.slow : Self.quick)
            }
        } else {
            (since, bytes) = (now, 0)
        }
        return backlog != before
    }

    private mutating func measure(_ count: Int, at now: Moment) {
        recently.bytes += count
        let time = now - recently.since
        guard time >= Self.shortestTime else { return }
        if time <= Self.longestTime {
            let wanted = Self.timeAhead * Double(recently.bytes) / (time / .seconds(1))
            // Powers of two: the socket is not told of every little change.
            ahead = Self.leastAhead
            while ahead < Self.mostAhead, Double(ahead) < wanted { ahead *= 2 }
        }
        recently = (now, 0)
    }
}
