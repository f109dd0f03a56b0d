import CPosixShims
import Glibc

/// What the system lets this process have.
package enum ProcessLimits {
    /// Raises the number of descriptors as far as we may; how many that is.
    @discardableResult
    package static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        return Int(clamping: limit.rlim_cur)
    }

    /// A peer that hangs up, or a reader that has gone, is an error code, never the end of the process.
    package static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// Processors that this process may use.
    package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Has large blocks of memory go back to the system as soon as they are freed, for a process that grows and shrinks
    /// a lot.
    package static func returnLargeBlocks() { p2p_return_large_blocks() }

    /// Has memory that is not in use go back to the system, the program's own pages included; what is needed again
    /// comes back by itself, in some hundred microseconds. For when all falls quiet.
    package static func returnIdleMemory() { p2p_return_idle_memory() }
}
