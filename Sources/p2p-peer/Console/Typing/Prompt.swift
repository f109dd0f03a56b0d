internal import ByteStrings
internal import CommandLineKit
internal import Glibc
internal import Synchronization
internal import TorrentIO

/// The prompt of the console: the last row of the window belongs to it while the console lives, with what moves just
/// above; whatever else is said scrolls by above both. What is typed while a command works is taken for the next.
final class Prompt: Sendable {
    /// What a line that is typed may become, a command or the answer to a question; asked on the thread of the prompt.
    typealias Completer = @Sendable (ByteString, _ question: ConsoleCompletion.Kind?) -> Completions

    static let usual: TerminalText = "\("p2p> ", .bold)"

    private let terminal: RawTerminal
    private let output: Output
    private let input: ConsoleInput
    private let history: HistoryFile?
    private let completer: Completer
    private let state: Mutex<State>

    private struct State {
        var editor: LineEditor
        var prompt = Prompt.usual
        /// What is asked for; nil: a command.
        var question: ConsoleCompletion.Kind?
        /// How far torrents are, and how far a job is.
        var progress: [TerminalText] = []
        var job: [TerminalText] = []
        /// What was drawn last.
        var frame = Frame(lines: [], cursor: DrawnCursor(line: 0, column: 0))
        /// Ctrl-C came, and nothing since.
        var isWarned = false
        var isOpen = true
    }

    private struct Frame: Equatable {
        let lines: [TerminalText]
        let cursor: DrawnCursor
    }

    /// How long the rest of a key may take.
    private static let patience = Duration.milliseconds(60)

    /// There is a terminal to type and to draw on.
    static func canBe(on output: Output) -> Bool { output.standardOutput.isInteractive && isatty(0) == 1 }

    /// Nil if there is no terminal.
    init?(_ output: Output, _ input: ConsoleInput, completer: @escaping Completer) {
        guard Self.canBe(on: output), let terminal = RawTerminal() else { return nil }
        self.terminal = terminal
        self.output = output
        self.input = input
        self.completer = completer
        history = HistoryFile()
        state = Mutex(State(editor: LineEditor(history?.load() ?? LineHistory())))
    }

    /// Begins to read, on a thread of its own.
    func start() {
        redraw { _ in }
        Monitor.detachThread { [self] in read() }
    }

    /// The terminal is as it was before. May be called twice.
    func close() {
        state.withLock { state in
            guard state.isOpen else { return }
            state.isOpen = false
            output.endDrawing()
        }
        terminal.giveBack()
    }

    /// Asks for a command, or for something else.
    func ask(_ prompt: TerminalText = usual, for question: ConsoleCompletion.Kind? = nil) {
        redraw { ($0.prompt, $0.question) = (prompt, question) }
    }

    /// How far torrents are.
    @Sendable func showProgress(_ lines: [TerminalText]) { redraw { $0.progress = lines } }

    /// How far a job of the command at work is.
    @Sendable func showJob(_ lines: [TerminalText]) { redraw { $0.job = lines } }

    // MARK: Reading

    private func read() {
        var keys = KeyDecoder()
        while state.withLock(\.isOpen) {
            switch terminal.next(within: keys.isWaiting ? Self.patience : nil) {
            case .bytes(let bytes): for key in keys.keys(bytes) { press(key) }
            case .nothing: for key in keys.timeout() { press(key) }
            case .resized: redraw(anyway: true) { _ in }
            case .continued:
                output.drawAnew(clearing: false)
                redraw(anyway: true) { _ in }
            case .ended: return input.end()
            }
        }
    }

    private func press(_ key: Key) {
        let effect = state.withLock { $0.editor.press(key) }
        let wasWarned = state.withLock { state in
            defer { state.isWarned = false }
            return state.isWarned
        }
        carryOut(effect, wasWarned: wasWarned)
        redraw { _ in }
    }

    private func carryOut(_ effect: LineEditor.Effect?, wasWarned: Bool) {
        switch effect {
        case .accepted(let line): accept(line)
        case .interrupted(let wasEmpty): interrupt(wasEmpty: wasEmpty, wasWarned: wasWarned)
        case .ended: input.end()
        case .wantsCompletions(let line):
            // Without the lock: it looks into folders.
            let completions = completer(line, state.withLock(\.question))
            carryOut(state.withLock { $0.editor.complete(with: completions) }, wasWarned: false)
        case .list(let lines): for line in lines { output.result(line) }
        case .clearScreen: output.drawAnew(clearing: true)
        case .suspend:
            output.endDrawing()
            terminal.stop()
        case .bell: output.ring()
        case nil: break
        }
    }

    /// A paste may hold several lines. Answers are not worth being found again.
    private func accept(_ text: ByteString) {
        // Its row is empty before it stands above.
        redraw { _ in }
        let (prompt, question) = state.withLock { ($0.prompt, $0.question) }
        output.result(prompt + TerminalText(bytes: text.bytes))
        let lines = text.split(separator: "\n")
        for line in lines where question == nil && state.withLock({ $0.editor.remember(line) }) { history?.add(line) }
        guard let lost = lines.firstIndex(where: { !input.put($0, waits: false) }) else { return }
        output.ring()
        let most = ConsoleInput.mostWaiting
        output.message("\(HumanUnits.count(lines.count - lost, "line", "lines")) left out: no more than \(most) wait")
    }

    private func interrupt(wasEmpty: Bool, wasWarned: Bool) {
        // It clears a line that was being typed, and what is at work goes on.
        guard wasEmpty, !input.interrupt() else { return }
        guard !wasWarned else { return input.end() }
        state.withLock { $0.isWarned = true }
        output.message("Ctrl-C once more, or exit, ends the console")
    }

    // MARK: Drawing

    /// Draws if that makes a difference.
    private func redraw(anyway: Bool = false, _ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            guard state.isOpen else { return }
            let terminal = output.standardOutput
            let above = (state.progress + state.job).suffix(max(0, terminal.rows - 2))
            let view = state.editor.view(prompt: state.prompt, columns: terminal.windowColumns - 1)
            let frame = Frame(
                lines: above + [view.text], cursor: DrawnCursor(line: above.count, column: view.cursor))
            guard anyway || frame != state.frame else { return }
            state.frame = frame
            output.draw(frame.lines, cursor: frame.cursor, on: terminal)
        }
    }
}
