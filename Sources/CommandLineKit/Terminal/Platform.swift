internal import ByteStrings
internal import Glibc

/// The few system calls that a command line needs; the rest of this module does not use libc.
enum Platform {
    /// Writes all of `bytes`, however long it takes (write(2)): how many went, and the `errno` that kept the rest.
    static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> (count: Int, error: Int32?) {
        bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress! + sent, buffer.count - sent)
                if count >= 0 {
                    sent += count
                } else if errno == EAGAIN {
                    // Another process has made the stream nonblocking.
                    var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&wait, 1, -1)
                } else if errno != EINTR {
                    return (sent, errno)
                }
            }
            return (sent, nil)
        }
    }

    /// True if a short write would not wait, as far as can be told.
    static func hasRoom(_ descriptor: Int32) -> Bool {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&wait, 1, 0) == 1
    }

    /// True if both are the same file, pipe or terminal.
    static func isSameFile(_ descriptor: Int32, _ other: Int32) -> Bool {
        var (first, second) = (stat(), stat())
        guard fstat(descriptor, &first) == 0, fstat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// Nobody is there to read.
    static let brokenPipe = EPIPE

    static func isNoSpace(_ error: Int32) -> Bool { error == ENOSPC || error == EDQUOT }

    /// What an `errno` means, in the words of the C library.
    static func text(of error: Int32) -> String { strerror(error).map { String(cString: $0) } ?? "error \(error)" }

    /// Opens something for standard streams that are closed, such that reading and writing still fail. Otherwise the
    /// next file or socket gets their number, and our output.
    static func occupyStandardStreams() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest free number is taken.
            if open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) == -1 { _ = open("/", O_RDONLY) }
        }
    }

    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Size of the terminal behind `descriptor` (TIOCGWINSZ); nil if there is none. Cheap: asked at each redraw, so
    /// that a window which changed its size needs no signal.
    static func windowSize(_ descriptor: Int32) -> Terminal.Size? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Terminal.Size(columns: Int(size.ws_col), rows: size.ws_row > 0 ? Int(size.ws_row) : 24)
    }

    /// Seconds since 1970, as exactly as the clock goes (clock_gettime(2)).
    static func secondsSince1970() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// "14:05:09", local time (localtime_r(3)).
    static func timeOfDay() -> String {
        var now = time(nil)
        var local = tm()
        localtime_r(&now, &local)
        return [local.tm_hour, local.tm_min, local.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }

    /// Makes a log that reaches the limit of a file's size an error, too (SIGXFSZ).
    static func ignoreFileLimits() {
        signal(SIGXFSZ, SIG_IGN)
    }

    static func exit(_ code: ExitCode) -> Never {
        Glibc.exit(code.rawValue)
    }
}
