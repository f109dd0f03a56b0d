import Glibc
import Synchronization

/// The other end of what a program writes to: one that can stop reading, go on, and leave.
package final class OutputReader: Sendable {
    /// What lies between.
    package enum Kind: String, CaseIterable, Sendable { case pipe, socket, terminal }

    /// For the program's stream.
    package let childEnd: Int32
    /// Of a terminal.
    package let terminalPath: String?
    private let kind: Kind
    private let end: Int32
    private let state = Mutex(State())

    private struct State {
        var bytes: [UInt8] = []
        var isOpen = true
    }

    package init(_ kind: Kind) throws {
        self.kind = kind
        var ends: [Int32] = [-1, -1]
        var path: String?
        switch kind {
        case .pipe: guard pipe(&ends) == 0 else { throw TestFailure("pipe: errno \(errno)") }
        case .socket:
            guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
                throw TestFailure("socketpair: errno \(errno)")
            }
        case .terminal:
            // TIOCSPTLCK and TIOCGPTN: unlocks the terminal, and says which it is.
            var (unlocked, number): (Int32, Int32) = (0, 0)
            ends[0] = open("/dev/ptmx", O_RDWR | O_NOCTTY)
            guard ioctl(ends[0], 0x4004_5431, &unlocked) == 0, ioctl(ends[0], 0x8004_5430, &number) == 0 else {
                throw TestFailure("/dev/ptmx: errno \(errno)")
            }
            path = "/dev/pts/\(number)"
            ends[1] = open(path ?? "", O_RDWR | O_NOCTTY)
        }
        guard ends[1] >= 0 else { throw TestFailure("\(kind): errno \(errno)") }
        (end, childEnd, terminalPath) = (ends[0], ends[1], path)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // Reading never waits; the two ends of these have nothing in common, so the program's own does.
        _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
    }

    deinit {
        leave()
        close(childEnd)
    }

    /// From now on not a byte more goes in: what is not a terminal is filled with zero bytes, a terminal is stopped.
    package func stall() {
        guard kind != .terminal else {
            tcflow(childEnd, TCOOFF)
            return
        }
        let flags = fcntl(childEnd, F_GETFL)
        _ = fcntl(childEnd, F_SETFL, flags | O_NONBLOCK)
        let filling = [UInt8](repeating: 0, count: 4_096)
        // The last bytes that fit go in one by one.
        for size in [4_096, 1] { while write(childEnd, filling, size) > 0 {} }
        _ = fcntl(childEnd, F_SETFL, flags)
    }

    /// Ends a stall and reads what has come.
    package func read() {
        if kind == .terminal { tcflow(childEnd, TCOON) }
        state.withLock { state in
            guard state.isOpen else { return }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = Glibc.read(end, &buffer, buffer.count)
                guard count > 0 else { return }
                state.bytes += buffer[..<count]
            }
        }
    }

    /// All that was read, without the filling of a stall.
    package var text: String {
        String(decoding: state.withLock(\.bytes).filter { $0 != 0 }, as: UTF8.self)
    }

    /// Whole lines that were read.
    package var lines: [String] {
        // A terminal puts a carriage return before each line feed.
        text.split(whereSeparator: \.isNewline).map(String.init)
    }

    /// Gives a terminal's window another size (TIOCSWINSZ).
    package func resize(columns: Int, rows: Int) {
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(childEnd, UInt(TIOCSWINSZ), &size)
    }

    /// True if a terminal is as shells expect it: it shows what is typed, hands over lines, and Ctrl-C is a signal.
    package var isAsShellsHaveIt: Bool {
        var settings = termios()
        guard tcgetattr(childEnd, &settings) == 0 else { return false }
        let flags = tcflag_t(ICANON | ECHO | ISIG)
        return settings.c_lflag & flags == flags
    }

    /// Types `bytes` on a terminal.
    package func type(_ bytes: [UInt8]) { _ = write(end, bytes, bytes.count) }

    /// Nobody reads any more.
    package func leave() {
        state.withLock { state in
            if state.isOpen { close(end) }
            state.isOpen = false
        }
    }

    /// Reads until a line `matches`.
    package func waitForLine(
        within limit: Duration = .seconds(60), _ what: String = "a line", matching matches: (String) -> Bool
    ) async throws -> String {
        var found: String?
        _ = try await eventually(within: limit) {
            read()
            found = lines.first(where: matches)
            return found != nil
        }
        guard let found else { throw TestFailure("no \(what) came within \(limit): \(lines.suffix(5))") }
        return found
    }
}
