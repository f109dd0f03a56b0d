import CPosixShims
import Glibc

/// The terminal of this process, byte by byte as somebody types. It gets its settings back while the process is
/// stopped, and however it ends but by SIGKILL. There is at most one.
package final class RawTerminal: Sendable {
    /// What comes.
    package enum Input: Sendable, Equatable {
        /// Of keys, in any pieces.
        case bytes([UInt8])
        /// The window has another size.
        case resized
        /// The process was stopped, and others have written meanwhile.
        case continued
        /// Nothing came for as long as was asked.
        case nothing
        /// It is gone.
        case ended
    }

    private let input: Int32
    private let waking: Int32

    /// Takes the terminal behind `input`; nil if there is none. `output` is where it is told to mark pastes.
    package init?(input: Int32 = 0, output: Int32 = 1) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        guard p2p_terminal_take(input, output, ends[1]) == 0 else {
            for end in ends { close(end) }
            return nil
        }
        self.input = input
        // The other end stays open for the life of the process, since a handler may be at it.
        waking = ends[0]
    }

    /// Waits for what comes next, at most for `limit`.
    package func next(within limit: Duration? = nil) -> Input {
        var wait = [
            pollfd(fd: input, events: Int16(POLLIN), revents: 0), pollfd(fd: waking, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = limit.map { Int32(min(1e9, $0 / .milliseconds(1))) } ?? -1
        while true {
            let count = poll(&wait, 2, milliseconds)
            if count == 0 { return .nothing }
            if count < 0, errno != EINTR { return .ended }
            guard count > 0 else { continue }
            if wait[1].revents != 0, let reason = readReason() { return reason }
            if wait[0].revents != 0, let input = readInput() { return input }
        }
    }

    /// Going on counts for more than another size: then all is drawn anew.
    private func readReason() -> Input? {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(waking, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return bytes[..<count].contains(UInt8(ascii: "c")) ? .continued : .resized
    }

    /// Nil if another process has taken what was there.
    private func readInput() -> Input? {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(input, &bytes, bytes.count)
        if count > 0 { return .bytes(Array(bytes[..<count])) }
        return count < 0 && (errno == EINTR || errno == EAGAIN) ? nil : .ended
    }

    /// Stops the processes of this job, as Ctrl-Z does.
    package func stop() { kill(0, SIGTSTP) }

    /// The terminal is again as it was.
    package func giveBack() { p2p_terminal_give_back() }
}
