import Synchronization

/// A test's workplace: a folder and processes, all gone when the test is.
package final class Bench: Sendable {
    package let folder: TemporaryFolder
    private let processes = Mutex<[RunningProcess]>([])

    fileprivate init() throws {
        folder = try TemporaryFolder()
    }

    /// Starts a program that ends with the bench at the latest.
    package func start(
        _ executable: String, _ arguments: [String], name: String? = nil, environment: [String: String] = [:],
        inputFile: String = "/dev/null", streams: ChildStreams = ChildStreams()
    ) throws -> RunningProcess {
        // Settings and records of whoever runs the tests stay out of them.
        var home = ["HOME": folder.path("home")]
        for name in ["CONFIG", "DATA", "STATE", "CACHE"] { home["XDG_\(name)_HOME"] = folder.path("home/\(name)") }
        let process = try RunningProcess(
            executable, arguments, name: name, environment: home.merging(environment) { $1 }, folder: folder.path,
            inputFile: inputFile, streams: streams)
        processes.withLock { $0.append(process) }
        return process
    }

    /// Runs a program to its end.
    package func run(
        _ executable: String, _ arguments: [String], within limit: Duration = .seconds(20),
        environment: [String: String] = [:], inputFile: String = "/dev/null", streams: ChildStreams = ChildStreams()
    ) async throws -> RunningProcess {
        let process = try start(
            executable, arguments, environment: environment, inputFile: inputFile, streams: streams)
        try await process.waitForExit(within: limit)
        return process
    }

    fileprivate var logs: String {
        processes.withLock { $0 }.map(\.log).joined(separator: "\n")
    }

    fileprivate func tearDown() {
        for process in processes.withLock({ $0 }) { process.kill() }
        folder.remove()
    }
}

/// Runs `body` with a bench of its own. An error comes out with the logs of all processes beside it.
package func withBench<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: (Bench) async throws -> Result
) async throws -> Result {
    await BenchGate.shared.enter()
    defer { Task { await BenchGate.shared.leave() } }
    let bench = try Bench()
    defer { bench.tearDown() }
    do {
        return try await body(bench)
    } catch {
        throw TestFailure("\(error)\n\(bench.logs)")
    }
}

/// Lets few benches work at once: tests that all start their programs together only slow each other into timeouts.
private actor BenchGate {
    static let shared = BenchGate()

    private var free = 4
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
