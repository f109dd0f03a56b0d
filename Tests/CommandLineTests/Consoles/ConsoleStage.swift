import TestSupport
import Testing

/// A console that somebody types on, in a window of its own.
struct TypedConsole: Sendable {
    let process: RunningProcess
    let reader: OutputReader
    private let columns: Int
    private let rows: Int

    init(
        _ stage: Stage, _ options: [String], name: String, columns: Int = 100, environment: [String: String] = [:]
    ) throws {
        try self.init(
            stage, program: Executables.peer, ["console", "--listen", "127.0.0.1:0", "--no-color"] + options,
            name: name, columns: columns, environment: environment)
    }

    /// Of any program that is a console, or runs one.
    init(
        _ stage: Stage, program: String, _ arguments: [String], name: String? = nil, columns: Int = 100,
        rows: Int = 40, environment: [String: String] = [:]
    ) throws {
        (self.columns, self.rows) = (columns, rows)
        reader = try OutputReader(.terminal)
        reader.resize(columns: columns, rows: rows)
        process = try stage.start(
            program, arguments, name: name,
            environment: ["TERM": "xterm", "LC_ALL": "C.UTF-8"].merging(environment) { $1 },
            streams: ChildStreams(output: reader.childEnd, errors: reader.childEnd, terminal: reader.terminalPath))
    }

    /// What stands in the window.
    var picture: TerminalPicture {
        reader.read()
        return TerminalPicture(columns: columns, rows: rows, showing: reader.text)
    }

    func type(_ text: String) { reader.type(Array(text.utf8)) }

    /// Types a command and Enter, once there is a prompt.
    func run(_ command: String) async throws {
        _ = try await wait("the prompt") { $0.last == "p2p>" }
        type(command + "\r")
    }

    /// Waits until the window `matches`; its lines.
    @discardableResult
    func wait(
        _ what: String, within limit: Duration = .seconds(30), _ matches: ([String]) -> Bool
    ) async throws -> [String] {
        var lines: [String] = []
        let found = try await eventually(within: limit, every: .milliseconds(30)) {
            lines = picture.lines
            return matches(lines)
        }
        guard found else { throw TestFailure("\(what) never came:\n\(lines.joined(separator: "\n"))") }
        return lines
    }

    /// Waits for a line that holds all of `words`.
    @discardableResult
    func wait(for words: String...) async throws -> String {
        func isMeant(_ line: String) -> Bool { words.allSatisfy { line.contains($0) } && !line.hasPrefix("p2p>") }
        return try await wait("\(words)") { $0.contains(where: isMeant) }.last(where: isMeant) ?? ""
    }

    /// Says `exit` and waits for the end.
    func exit() async throws {
        try await run("exit")
        #expect(try await process.waitForExit(within: .seconds(10)) == .code(0), "\(picture.lines)")
    }
}
