/// Asks again every few milliseconds until `condition` holds; false when `limit` has passed first.
package func eventually(
    within limit: Duration, every step: Duration = .milliseconds(10), _ condition: () async throws -> Bool
) async throws -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while true {
        if try await condition() { return true }
        if clock.now >= end { return false }
        try await Task.sleep(for: step)
    }
}

extension RunningProcess {
    /// The first line of standard output that `matches`; an error with the whole log when none comes in time.
    @discardableResult
    package func waitForLine(
        within limit: Duration, _ what: String = "a line", matching matches: (String) -> Bool
    ) async throws -> String {
        var seen = 0
        var found: String?
        _ = try await eventually(within: limit) {
            // The status is read first: all lines are in place once it is set.
            let hasEnded = status != nil
            let now = lines
            found = now[seen...].first(where: matches)
            seen = now.count
            return found != nil || hasEnded
        }
        guard let found else { throw TestFailure("\(name) said no \(what) within \(limit)\n\(log)") }
        return found
    }

    /// How the process ended; an error with the whole log when it does not end in time.
    @discardableResult
    package func waitForExit(within limit: Duration) async throws -> ExitStatus {
        _ = try await eventually(within: limit) { status != nil }
        guard let status else { throw TestFailure("\(name) did not end within \(limit)\n\(log)") }
        return status
    }

    /// What the process said, for the log of a failed test.
    package var log: String {
        let said = lines.suffix(60).map { "  out| \($0)" } + errorLines.suffix(60).map { "  err| \($0)" }
        let ended = status.map { "\($0)" } ?? "running"
        return "--- \(name) (\(processID), \(ended)), \(lines.count) lines\n" + said.joined(separator: "\n")
    }
}
