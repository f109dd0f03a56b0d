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
        /// Where the region stands, while it does.
        var view: Terminal?
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

    /// What to do when whoever reads stdout has gone; unless something is set, the process ends quietly.
    package func whenReaderLeaves(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.whenBroken = action }
    }

    /// A line that was asked for, on stdout, also when quiet.
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
        errorLine(error, program: program)
    }

    /// Only the line of it.
    package func errorLine(_ error: CommandError, program: String) {
        let mark = TerminalText("error", style: .bad)
        print(standardError.render("\(program): \(mark): \(error.message)") + "\n", on: standardError)
    }

    /// One JSON object on a line of its own on stdout, at once.
    package func event(_ value: JSONValue) {
        write(value.bytes + CollectionOfOne(UInt8(ascii: "\n")), on: standardOutput)
    }

    /// A page of our own text on stdout, as it is.
    package func page(_ text: String) {
        print(text, on: standardOutput)
    }

    /// Bytes on stdout, as they are.
    package func bytes(_ bytes: [UInt8]) {
        write(bytes, on: standardOutput)
    }

    /// Draws `lines` at the bottom of `terminal`, over those of the time before.
    package func draw(_ lines: [TerminalText], on terminal: Terminal) {
        state.withLock { state in
            state.liveLines = lines
            state.view = terminal
            _ = terminal.write(state.region.draw(lines, on: terminal, columns: terminal.columns))
        }
    }

    /// Takes the drawn lines away, or leaves them standing and goes on below.
    package func endDrawing(keepsLines: Bool = false) {
        state.withLock { state in
            guard let view = state.view else { return }
            if state.region.isDrawn {
                _ = view.write(keepsLines ? "\n" : state.region.erase(columns: view.columns))
            }
            state.region = LiveRegion()
            state.liveLines = []
            state.view = nil
        }
    }

    private func print(_ text: String, on terminal: Terminal) {
        write(Array(text.utf8), on: terminal)
    }

    /// Text that scrolls goes above the drawn lines.
    private func write(_ bytes: [UInt8], on terminal: Terminal) {
        let action: (@Sendable () -> Void)? = state.withLock { state in
            guard !state.isBroken else { return nil }
            let view = terminal.isInteractive ? state.view : nil
            if let view { _ = view.write(state.region.erase(columns: view.columns)) }
            let arrived = terminal.write(bytes)
            if let view { _ = view.write(state.region.draw(state.liveLines, on: view, columns: view.columns)) }
            guard !arrived else { return nil }
            state.isBroken = true
            return state.whenBroken ?? { Platform.exit(.success) }
        }
        action?()
    }
}
