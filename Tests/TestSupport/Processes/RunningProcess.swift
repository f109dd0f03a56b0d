import Foundation
package import Glibc
import Synchronization

/// How a process ended.
package enum ExitStatus: Equatable, Sendable {
    case code(Int32)
    case signal(Int32)
}

/// A child process whose output is collected line by line while it runs.
package final class RunningProcess: Sendable {
    package let name: String
    package let processID: pid_t
    private let state = Mutex(State())
    private static let starting = Mutex(())

    private struct State {
        var output = OutputLog()
        var errors = OutputLog()
        var status: ExitStatus?
        var isReaped = false
        /// When it was started or last sent a signal.
        var urgedAt = ContinuousClock.now
        var endedAt: ContinuousClock.Instant?
    }

    /// Starts `executable` (a path) with an empty standard input, or with `inputFile` as its input. What goes to
    /// `streams` is not collected.
    package init(
        _ executable: String, _ arguments: [String] = [], name: String? = nil,
        environment: [String: String] = [:], folder: String? = nil, inputFile: String = "/dev/null",
        streams: ChildStreams = ChildStreams()
    ) throws {
        self.name = name ?? String(executable.split(separator: "/").last ?? "process")
        var merged = ProcessInfo.processInfo.environment
        // In a build that counts lines, each of thousands of processes would leave a file.
        merged["LLVM_PROFILE_FILE"] = "/dev/null"
        merged.merge(environment) { _, new in new }
        // `env -C` changes the folder and becomes the program, under the same process id.
        let command = folder.map { ["/usr/bin/env", "-C", $0, executable] } ?? [executable]
        // One start at a time: no child inherits a pipe of another that is not marked close-on-exec yet.
        let started = try Self.starting.withLock { _ in
            let output = try PipeEnds()
            let errors = try PipeEnds()
            defer {
                close(output.writeEnd)
                close(errors.writeEnd)
            }
            do {
                let child = try Self.spawn(
                    command + arguments, environment: merged, inputFile: inputFile,
                    streams.orElse(output.writeEnd, errors.writeEnd))
                return (child: child, output: output.readEnd, errors: errors.readEnd)
            } catch {
                close(output.readEnd)
                close(errors.readEnd)
                throw error
            }
        }
        processID = started.child
        Thread.detachNewThread { [self] in
            collect(output: started.output, errors: started.errors)
        }
    }

    /// Lines of standard output so far.
    package var lines: [String] { state.withLock { $0.output.lines } }
    /// Lines of standard error so far.
    package var errorLines: [String] { state.withLock { $0.errors.lines } }
    /// Standard output so far, as it came.
    package var bytes: [UInt8] { state.withLock { $0.output.bytes } }
    /// Set once the process has ended and all that it said is collected.
    package var status: ExitStatus? { state.withLock { $0.status } }

    /// From its last signal, or its start if it was sent none, to its end. The process is watched by a thread of its
    /// own, so this is true however late a test gets to look.
    package var timeToEnd: Duration? { state.withLock { state in state.endedAt.map { $0 - state.urgedAt } } }

    /// Sends a signal; one that comes after the end is not an error.
    package func signal(_ number: Int32) {
        state.withLock {
            guard !$0.isReaped else { return }
            $0.urgedAt = .now
            _ = Glibc.kill(processID, number)
        }
    }

    /// Ends the process at once and waits until it is gone.
    package func kill() {
        signal(SIGKILL)
        while !state.withLock({ $0.isReaped }) { usleep(500) }
    }

    private func collect(output: Int32, errors: Int32) {
        var sources = [
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
        ]
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var waited: Int32 = 0
        var hasExited = false
        // A grandchild may hold the pipes open, so the end is the process's own, not end of file.
        while true {
            let ready = poll(&sources, 2, hasExited ? 0 : 20)
            if ready > 0 {
                for index in sources.indices where sources[index].revents != 0 {
                    let count = read(sources[index].fd, &buffer, buffer.count)
                    guard count > 0 else {
                        sources[index].fd = -1
                        continue
                    }
                    state.withLock {
                        if index == 0 { $0.output.append(buffer[..<count]) } else { $0.errors.append(buffer[..<count]) }
                    }
                }
            } else if hasExited {
                break
            }
            if !hasExited {
                hasExited = state.withLock {
                    $0.isReaped = waitpid(processID, &waited, WNOHANG) == processID
                    if $0.isReaped { $0.endedAt = .now }
                    return $0.isReaped
                }
            }
        }
        close(output)
        close(errors)
        state.withLock {
            $0.output.finish()
            $0.errors.finish()
            $0.status = waited & 0x7f == 0 ? .code((waited >> 8) & 0xff) : .signal(waited & 0x7f)
        }
    }

    private static func spawn(
        _ command: [String], environment: [String: String], inputFile: String, _ streams: ChildStreams
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        streams.add(to: &actions, inputFile: inputFile)

        // The runner may ignore signals that a program expects to find at their defaults.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        var none = sigset_t()
        sigfillset(&defaults)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | streams.spawnFlags
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let argv = command.map { strdup($0) } + [nil]
        let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var child: pid_t = 0
        let result = posix_spawn(&child, command[0], &actions, &attributes, argv, envp)
        guard result == 0 else { throw TestFailure("cannot start \(command[0]): \(String(cString: strerror(result)))") }
        return child
    }
}

/// Both ends of a pipe that no other child inherits.
private struct PipeEnds {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw TestFailure("pipe: errno \(errno)") }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }
}
