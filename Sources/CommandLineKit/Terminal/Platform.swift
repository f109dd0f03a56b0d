internal import ByteStrings
internal import Glibc

/// The few questions and calls to the system that a command line needs; nothing else here knows libc.
enum Platform {
    /// What became of a write.
    enum WriteOutcome: Equatable { case done, closed, failed(Int32) }

    /// Writes all of `bytes`, however long it takes (write(2)).
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> WriteOutcome {
        bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress! + sent, buffer.count - sent)
                if count >= 0 {
                    sent += count
                } else if errno == EAGAIN {
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wait, 1, -1)
                } else if errno != EINTR {
                    return errno == EPIPE ? .closed : .failed(errno)
                }
            }
            return .done
        }
    }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Columns of the terminal behind `descriptor` (TIOCGWINSZ); nil if there is none. Cheap: asked at each redraw, so
    /// that a window which changed its size needs no signal.
    static func columns(_ descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    /// All variables.
    static func environment() -> [ByteString: ByteString] {
        var variables: [ByteString: ByteString] = [:]
        var entry = environ
        while let characters = entry.pointee {
            let parts = ByteString(characters: characters).split(separator: "=", maxSplits: 1)
            // As getenv: the first of a name counts.
            if parts.count == 2, variables[parts[0]] == nil { variables[parts[0]] = parts[1] }
            entry += 1
        }
        return variables
    }

    /// A closed pipe shall be an error that we see, not the end of the process.
    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    static func exit(_ code: ExitCode) -> Never {
        Glibc.exit(code.rawValue)
    }
}
