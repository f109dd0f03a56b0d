import TorrentCore

/// Whether the line behind a socket is quick, judged by what the kernel takes.
///
/// On a slow line the kernel is given little ahead: no message can overtake what waits there, no choke can take it
/// back, and nobody could tell which block is on its way. On a quick line that would only cost calls.
struct LineSpeed {
    private(set) var isQuick = false
    private var since: Moment?
    private var bytes = 0

    /// Looked at after so many bytes, several times what the kernel takes ahead of a slow line.
    private static let span = 512 << 10
    /// Bytes a second from which on a line is quick, and below which it is slow again.
    private static let quick = 8e6
    private static let slow = 4e6

    /// What the kernel is to take before it has sent it, and what it is offered at once.
    var backlog: Int32 { isQuick ? .max : 16 << 10 }
    var offer: Int { isQuick ? .max : 32 << 10 }

    /// The kernel has taken so many bytes; true if that changes `isQuick`. Time in which there was nothing to send
    /// counts: who asks for little does not need a quick line.
    mutating func took(_ count: Int, at now: Moment) -> Bool {
        bytes += count
        guard let since else {
            (since, bytes) = (now, 0)
            return false
        }
        guard bytes >= Self.span else { return false }
        let rate = Double(bytes) / max(1e-9, (now - since) / .seconds(1))
        (self.since, bytes) = (now, 0)
        let was = isQuick
        isQuick = rate >= (was ? Self.slow : Self.quick)
        return isQuick != was
    }
}
