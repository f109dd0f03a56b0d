import Synchronization

/// A test's workplace: a folder and processes, all gone when the test is.
package final class Stage: Sendable {
    package let folder: TemporaryFolder
    private let processes = Mutex<[RunningProcess]>([])

    fileprivate init() throws {
        folder = try TemporaryFolder()
    }

    /// Starts a program that ends with the stage at the latest.
    package func start(
        _ executable: String, _ arguments: [String], name: String? = nil, environment: [String: String] = [:],
        inputFile: String = "/dev/null", streams: ChildStreams = ChildStreams()
    ) throws -> RunningProcess {
        // Settings and records of whoever runs the tests stay out of them.
        var home = ["HOME": folder.path("home")].merging(Self.alone) { $1 }
        for name in ["CONFIG", "DATA", "STATE", "CACHE"] { home["XDG_\(name)_HOME"] = folder.path("home/\(name)") }
        let process = try RunningProcess(
            executable, arguments, name: name, environment: home.merging(environment) { $1 }, folder: folder.path,
            inputFile: inputFile, streams: streams)
        processes.withLock { $0.append(process) }
        return process
    }

    /// Programs of ours look for nobody by themselves: no test speaks to nodes of the DHT that are not its own, nor
    /// finds the peers of another test. A test of that says in the environment that they do: `["P2P_NO_DHT": "no"]`.
    package static let alone = ["P2P_NO_DHT": "yes", "P2P_NO_LSD": "yes"]

    /// Runs a program to its end.
    package func run(
        _ executable: String, _ arguments: [String], within limit: Duration = .seconds(60),
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

/// Runs `body` with a stage of its own. An error comes out with the logs of all processes beside it.
package func withStage<Result>(
    isolation: isolated (any Actor)? = #isolation, _ body: (Stage) async throws -> Result
) async throws -> Result {
    await StageGate.shared.enter()
    defer { Task { await StageGate.shared.leave() } }
    let stage = try Stage()
    defer { stage.tearDown() }
    do {
        return try await body(stage)
    } catch {
        throw TestFailure("\(error)\n\(stage.logs)")
    }
}

/// Lets few stages work at once: tests that all start their programs together only slow each other into timeouts.
private actor StageGate {
    static let shared = StageGate()

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
