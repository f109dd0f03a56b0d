internal import Synchronization

/// All that a command says: results on stdout, messages on stderr, and the lines that are redrawn in between.
///
/// May be called from any thread; a line is written whole.
package final class Output: Sendable {
    /// -1 with `--quiet`, 0 usually, 1 with `-v`, 2 with `-vv`.
    package let verbosity: Int
    package let isJSON: Bool
    package let standardOutput: Terminal
    package let standardError: Terminal
    private let state: Mutex<State>

    private struct State {
        var region = LiveRegion()
        var liveLines: [TerminalText] = []
        var isBroken = false
        var whenBroken: (@Sendable () -> Void)?
    }

    package init(verbosity: Int = 0, isJSON: Bool = false, standardOutput: Terminal, standardError: Terminal) {
        self.verbosity = verbosity
        self.isJSON = isJSON
        self.standardOutput = standardOutput
        self.standardError = standardError
        state = Mutex(State())
    }

    package var isQuiet: Bool { verbosity < 0 }

    /// What to do when whoever reads stdout has gone. Until then, and unless something is set, the process ends quietly.
    package func whenReaderLeaves(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.whenBroken = action }
    }

    /// A line that was asked for, on stdout. Shown even when quiet: say nothing instead where quiet is meant to rule.
    package func result(_ line: TerminalText) {
        print(standardOutput.render(line) + "\n", on: standardOutput)
    }

    package func result(_ lines: [TerminalText]) {
        for line in lines { result(line) }
    }

    /// A line about what goes on, on stderr, at -v level `level` and above.
    package func message(_ line: TerminalText, level: Int = 0) {
        guard verbosity >= level else { return }
        print(standardError.render(line) + "\n", on: standardError)
    }

    /// Why it cannot go on: a line on stderr, and an object on stdout with `--json`.
    package func error(_ error: CommandError, program: String) {
        if isJSON {
            event(["event": "error", "code": .string(error.slug), "message": .string(error.message.plain)])
        }
        let mark = TerminalText("error", style: .bad)
        print(standardError.render("\(program): \(mark): \(error.message)") + "\n", on: standardError)
    }

    /// One JSON object on a line of its own on stdout, at once.
    package func event(_ value: JSONValue) {
        print(value.serialized + "\n", on: standardOutput)
    }

    /// A page of our own text on stdout, as it is.
    package func page(_ text: String) {
        print(text, on: standardOutput)
    }

    /// Bytes on stdout, as they are.
    package func bytes(_ bytes: [UInt8]) {
        write(bytes, on: standardOutput)
    }

    /// Draws `lines` at the bottom of the terminal that the view is on, over those of the time before.
    package func draw(_ lines: [TerminalText], on terminal: Terminal) {
        state.withLock { state in
            state.liveLines = lines
            let text = state.region.draw(lines, on: terminal, columns: terminal.columns)
            _ = terminal.write(text)
        }
    }

    /// Takes the drawn lines away, or leaves them standing and goes on below.
    package func endDrawing(on terminal: Terminal, keepsLines: Bool = false) {
        state.withLock { state in
            guard state.region.isDrawn else { return }
            _ = terminal.write(keepsLines ? "\n" : state.region.erase(columns: terminal.columns))
            state.region = LiveRegion()
            state.liveLines = []
        }
    }

    private func print(_ text: String, on terminal: Terminal) {
        write(Array(text.utf8), on: terminal)
    }

    /// Text that scrolls goes above the drawn lines, which stand on whichever stream is a terminal.
    private func write(_ bytes: [UInt8], on terminal: Terminal) {
        let action: (@Sendable () -> Void)? = state.withLock { state in
            guard !state.isBroken else { return nil }
            let view = standardError.isInteractive ? standardError : standardOutput
            let redraws = state.region.isDrawn && terminal.isInteractive
            if redraws { _ = view.write(state.region.erase(columns: view.columns)) }
            let arrived = terminal.write(bytes)
            if redraws { _ = view.write(state.region.draw(state.liveLines, on: view, columns: view.columns)) }
            guard !arrived else { return nil }
            state.isBroken = true
            return state.whenBroken ?? { Platform.exit(.success) }
        }
        action?()
    }
}
