internal import Synchronization

/// All output of a command: results on stdout, messages on stderr, and lines that are redrawn.
///
/// May be called from any thread; a line is written whole.
package final class Output: Sendable {
    /// -1 with `--quiet`, 0 usually, 1 with `-v`, 2 with `-vv`.
    package let verbosity: Int
    package let isJSON: Bool
    /// Where results go, and objects for scripts.
    package let standardOutput: Terminal
    /// Where messages go, and lines that are redrawn.
    package let standardError: Terminal
    /// Seconds since 1970, for events; nil where they shall have no time.
    private let now: @Sendable () -> Double?
    private let state: Mutex<State>

    private struct State {
        var region = LiveRegion()
        var liveLines: [TerminalText] = []
        /// Where the cursor is to stand among them; nil: behind the last one.
        var cursor: DrawnCursor?
        /// The terminal with the redrawn lines, while there are any.
        var view: Terminal?
        /// There was no room for the newest of them.
        var isFrameDue = false
        /// The `errno` for which standard output failed.
        var failure: Int32?
        var isFailureSaid = false
    }

    package init(
        verbosity: Int = 0, isJSON: Bool = false, standardOutput: Terminal, standardError: Terminal,
        now: @escaping @Sendable () -> Double? = { nil }
    ) {
        self.now = now
        self.verbosity = verbosity
        self.isJSON = isJSON
        self.standardOutput = standardOutput
        self.standardError = standardError
        state = Mutex(State())
    }

    package var isQuiet: Bool { verbosity < 0 }

    /// For services: from now on nothing waits for a reader, nor fails without one. What has no room is dropped, and
    /// how much that was is reported as soon as there is room.
    package func neverWait() {
        let sayLost: @Sendable () -> Void = { [weak self] in
            guard let self else { return }
            state.withLock { state in
                sayWhatWasLost(on: standardOutput, &state)
                sayWhatWasLost(on: standardError, &state)
                // What changed last stands there until something else changes, which may be never.
                if state.isFrameDue, let view = state.view { drawFrame(on: view, &state) }
            }
        }
        let queue = LineQueue(whenRoom: sayLost)
        standardOutput.sink.use(queue)
        // If both are one file, their lines share one order.
        let isOne = standardOutput.sink.isSame(as: standardError.sink)
        standardError.sink.use(isOne ? queue : LineQueue(whenRoom: sayLost))
    }

    /// To be called at the end: waiting output gets a little time, and a command with the result `code` fails if its
    /// output could not be written. A reader that has left is no failure.
    package func finish(_ code: ExitCode, program: String) -> ExitCode {
        standardOutput.sink.flush()
        standardError.sink.flush()
        let (failure, isSaid) = state.withLock { ($0.failure, $0.isFailureSaid) }
        guard let failure, !isSaid, failure != Platform.brokenPipe else { return code }
        let error = Self.error(failure)
        errorLine(error, program: program)
        return code == .success ? error.exitCode : code
    }

    private static func error(_ failure: Int32) -> CommandError {
        CommandError(
            Platform.isNoSpace(failure) ? .diskFull : .inputOutput,
            "standard output: cannot be written: \(Platform.text(of: failure))")
    }

    /// A line of the result, on stdout, even with `--quiet`.
    package func result(_ line: TerminalText) {
        print(standardOutput.renderWrapped(line) + "\n", on: standardOutput)
    }

    /// The same for several lines.
    package func result(_ lines: [TerminalText]) {
        for line in lines { result(line) }
    }

    /// A line of what goes on, on stderr, with the time of day before it, at -v level `level` and above.
    package func log(_ line: @autoclosure () -> TerminalText, level: Int) {
        guard verbosity >= level else { return }
        message("\(Platform.timeOfDay(), .dim)  \(line())", level: level)
    }

    /// A line about what goes on, on stderr, at -v level `level` and above.
    package func message(_ line: TerminalText, level: Int = 0) {
        guard verbosity >= level else { return }
        print(standardError.renderWrapped(line) + "\n", on: standardError)
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
        print(standardError.renderWrapped("\(program): \(mark): \(error.message)") + "\n", on: standardError)
    }

    /// One JSON object on a line of its own on stdout, at once. An event is given its time: seconds since 1970.
    package func event(_ value: JSONValue) {
        write(dated(value).bytes + CollectionOfOne(UInt8(ascii: "\n")), on: standardOutput)
    }

    private func dated(_ value: JSONValue) -> JSONValue {
        guard case .object(var members) = value, members.first?.key == "event", let time = now() else { return value }
        members.insert(.init("time", .number((time * 1_000).rounded() / 1_000)), at: 1)
        return .object(members)
    }

    /// A page of our own text on stdout, as it is.
    package func page(_ text: String) {
        print(text, on: standardOutput)
    }

    /// Columns of a page: at most as many as are good to read, or the window has, but enough for two columns.
    package var pageWidth: Int { max(HelpPage.leastWidth, min(HelpPage.width, standardOutput.columns)) }

    /// Bytes on stdout, unchanged. Throws if not all were written, also if the reader has left.
    package func bytes(_ bytes: [UInt8]) throws(CommandError) {
        write(bytes, on: standardOutput)
        let failure = state.withLock { state in
            state.isFailureSaid = state.failure != nil
            return state.failure
        }
        if let failure { throw Self.error(failure) }
    }

    /// Draws `lines` at the bottom of `terminal`, over those drawn before; later if it would have to wait.
    package func draw(_ lines: [TerminalText], cursor: DrawnCursor? = nil, on terminal: Terminal) {
        state.withLock { state in
            sayWhatWasLost(on: terminal, &state)
            state.liveLines = lines
            state.cursor = cursor
            state.view = terminal
            drawFrame(on: terminal, &state)
        }
    }

    /// The lines at the bottom are drawn anew where the cursor is now: others have written meanwhile. `clearing` the
    /// window first.
    package func drawAnew(clearing: Bool) {
        state.withLock { state in
            guard let view = state.view else { return }
            state.region = LiveRegion()
            _ = view.sink.write(Array((clearing ? "\u{1B}[H\u{1B}[2J" : "\r\u{1B}[J").utf8), lines: 0)
            drawFrame(on: view, &state)
        }
    }

    /// Rings the bell of the terminal with the drawn lines.
    package func ring() {
        state.withLock { state in
            guard let view = state.view, view.sink.hasRoomForFrame() else { return }
            _ = view.sink.write([0x07], lines: 0)
        }
    }

    private func drawFrame(on terminal: Terminal, _ state: inout State) {
        state.isFrameDue = !terminal.sink.hasRoomForFrame()
        guard !state.isFrameDue else { return }
        var region = state.region
        let text = region.draw(state.liveLines, cursor: state.cursor, on: terminal)
        if terminal.sink.write(Array(text.utf8), lines: 0) != .dropped { state.region = region }
    }

    /// Removes the drawn lines, or leaves them and continues below.
    package func endDrawing(keepsLines: Bool = false) {
        state.withLock { state in
            guard let view = state.view else { return }
            if state.region.isDrawn {
                let text = keepsLines ? "\n" : state.region.erase(on: view)
                _ = view.sink.write(Array(text.utf8), lines: 0)
            }
            state.region = LiveRegion()
            state.liveLines = []
            state.cursor = nil
            state.view = nil
        }
    }

    private func print(_ text: String, on terminal: Terminal) {
        write(Array(text.utf8), on: terminal)
    }

    private func write(_ bytes: [UInt8], on terminal: Terminal) {
        state.withLock { state in
            sayWhatWasLost(on: terminal, &state)
            put(bytes, lines: 1, on: terminal, &state)
        }
    }

    /// Reports lost lines, before the next line, where they are missing.
    private func sayWhatWasLost(on terminal: Terminal, _ state: inout State) {
        let lost = terminal.sink.takeLost()
        guard lost > 0 else { return }
        let isObject = isJSON && terminal.sink === standardOutput.sink
        let object: JSONValue = ["event": "dropped", "lines": .integer(Int64(lost))]
        let line: TerminalText = "(\(HumanUnits.count(lost, "line", "lines")) dropped here)"
        let bytes = isObject ? dated(object).bytes : Array(terminal.render(line).utf8)
        put(bytes + CollectionOfOne(UInt8(ascii: "\n")), lines: lost, on: terminal, &state)
    }

    /// Scrolling text goes above the drawn lines, in one write with them: it is written as a whole or not at all.
    private func put(_ bytes: [UInt8], lines: Int, on terminal: Terminal, _ state: inout State) {
        let isResult = terminal.sink === standardOutput.sink
        if isResult, state.failure != nil { return }
        var piece = bytes
        var region = state.region
        if let view = state.view, view.isSame(as: terminal) {
            piece = Array(region.erase(on: view).utf8) + bytes
            piece += Array(region.draw(state.liveLines, cursor: state.cursor, on: view).utf8)
        }
        switch terminal.sink.write(piece, lines: lines) {
        case .done: state.region = region
        case .dropped: break
        case .failed(let error): if isResult { state.failure = error }
        }
    }
}
