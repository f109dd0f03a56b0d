import Glibc
package import TorrentCore

/// The clock that never goes back and does not care what the calendar says (CLOCK_MONOTONIC).
package enum MonotonicClock {
    /// The time since some moment before the process began: to be compared within one run of the machine.
    package static func now() -> Moment {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

/// The calendar, for what people read and files record.
package enum WallClock {
    /// Seconds since 1970.
    package static func secondsSince1970() -> Int64 { Int64(time(nil)) }
}
