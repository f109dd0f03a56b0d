import TestSupport

extension Stage {
    /// Runs a script of the shell in the stage's folder: arguments and names there are bytes, which the tests' own
    /// strings cannot be. `$PEER` and `$TRACKER` are the programs, `$E` is a byte that is no UTF-8 (0xe9), `$ACUTE` the
    /// two of a combining mark (U+0301). A command that fails ends it.
    func shell(
        _ script: String, within limit: Duration = .seconds(60), environment: [String: String] = [:]
    ) async throws -> RunningProcess {
        let programs = ["PEER": Executables.peer, "TRACKER": Executables.tracker]
        return try await run(
            "/bin/sh", ["-euc", "E=$(printf '\\351'); ACUTE=$(printf '\\314\\201')\n" + script], within: limit,
            environment: programs.merging(environment) { $1 })
    }
}
