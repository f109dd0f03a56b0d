internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import Synchronization
internal import TorrentCore
internal import TorrentIO
internal import TransferReporting

/// Shows a running node: live lines on a terminal, plain ones in a pipe, objects with `--json`.
final class TransferView: Sendable {
    private let output: Output
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let frame: ProgressReporter.Frame?
    private let state: Mutex<State>
    /// For lines that were kept back: nothing else may happen for long.
    private let alarm = Alarm()

    private struct State {
        var report: TransferReport
        var pace: Pace
        var json = Pace(every: .seconds(1))
        var news = ProgressNews()
        var isEnding = false
        var wasInterrupted = false
    }

    private static let terminalInterval = Duration.milliseconds(100)
    private static let pipeInterval = Duration.seconds(5)

    /// Lines of a terminal that somebody else draws on.
    private static let mostFramed = 4

    /// With a `frame`, somebody else draws on the terminal, and is handed the lines.
    init(output: Output, report: TransferReport, frame: ProgressReporter.Frame? = nil) {
        self.output = output
        self.frame = frame
        start = clock.now
        let interval = output.standardOutput.isInteractive ? Self.terminalInterval : Self.pipeInterval
        state = Mutex(State(report: report, pace: Pace(every: interval)))
    }

    /// Announces a torrent that comes later than the report.
    func add(_ source: TorrentSource, _ role: PeerRole) {
        state.withLock { $0.report.add(source.infoHash, name: source.name.description, role: role) }
    }

    /// Shows `event`; for any thread.
    func show(_ event: PeerEvent) {
        if output.isJSON {
            showObjects(event)
            guard !event.isForLinesAlone else { return }
        }
        state.withLock { state in
            let lines = state.report.absorb(event, at: clock.now - start)
            setAlarm(state.report)
            guard lines.isEmpty else { return say(lines, state.report) }
            guard !isSilent, isNews(event) || state.pace.isDue(at: clock.now - start) else { return }
            if output.standardOutput.isInteractive { return draw(state.report) }
            for line in state.report.pipeLines() { say(line) }
        }
    }

    private var isSilent: Bool { output.isJSON || output.isQuiet }

    /// Shows what was kept back for long enough.
    private func showKeptBack() {
        state.withLock { state in
            say(state.report.due(at: clock.now - start), state.report)
            setAlarm(state.report)
        }
    }

    private func setAlarm(_ report: TransferReport) {
        guard !output.isJSON, let due = report.nextDue else { return }
        alarm.set(after: due - (clock.now - start)) { [weak self] in self?.showKeptBack() }
    }

    private func say(_ lines: [TransferReport.Line], _ report: TransferReport) {
        // Redrawn before a line is printed, so that no outdated line is below it.
        if !lines.isEmpty, !isSilent, output.standardOutput.isInteractive { draw(report) }
        for line in lines { say(line) }
    }

    /// Names a torrent that is shared, before the first event about it.
    func admit(_ metainfo: Metainfo) {
        let name = metainfo.name.description
        state.withLock { state in
            state.report.add(metainfo.infoHash, name: name, role: .seed)
            state.report.audience?.add(metainfo.infoHash, name: name, pieces: metainfo.pieceCount)
        }
    }

    /// Changes what is known of those who fetch from here, and shows what is new of it; for any thread.
    func change(_ body: (inout Audience) -> [Audience.News]) {
        state.withLock { state in
            // Taken out meanwhile: a second one would make a copy of it all.
            guard var audience = state.report.audience.take() else { return }
            let news = body(&audience)
            let objects = output.isJSON ? audience.objects(news) : []
            state.report.audience = consume audience
            for object in objects { output.event(object) }
            guard !news.isEmpty, !output.isJSON else { return }
            let lines = state.report.lines(news)
            if output.standardOutput.isInteractive, !output.isQuiet { draw(state.report) }
            for line in lines { say(line) }
            guard !output.standardOutput.isInteractive, !output.isQuiet, state.pace.isDue(at: clock.now - start) else {
                return
            }
            for line in state.report.pipeLines() { say(line) }
        }
    }

    /// As many as are waited for have everything.
    var isSatisfied: Bool { state.withLock { $0.report.audience?.isSatisfied ?? false } }

    /// How far all are comes once a second, and the last time it does stands on the terminal until something happens.
    private func isNews(_ event: PeerEvent) -> Bool {
        guard case .progress = event else { return false }
        return output.standardOutput.isInteractive
    }

    private func draw(_ report: TransferReport) {
        let terminal = output.standardOutput
        if let frame {
            let height = min(Self.mostFramed, terminal.rows / 3)
            return frame(report.liveLines(width: terminal.columns - 1, height: height, glyphs: terminal.glyphs))
        }
        // One row is left for typing, and one for the next line.
        let lines = report.liveLines(
            width: terminal.columns - 1, height: terminal.rows - 2, glyphs: terminal.glyphs)
        lines.isEmpty ? output.endDrawing() : output.draw(lines, on: terminal)
    }

    /// Says that a signal to end has come.
    func noteSignal(_ signal: SignalWatcher.Signal) {
        let isFirst = state.withLock { state in
            defer { state.isEnding = true }
            if signal == .interrupt { state.wasInterrupted = true }
            return !state.isEnding
        }
        guard isFirst, !output.isJSON else { return }
        let hint: TerminalText = signal == .interrupt ? "; once more to stop at once" : ""
        output.message("stopping\(hint)", level: output.standardOutput.isInteractive ? 0 : 1)
    }

    /// True if it was Ctrl-C that ended it.
    var wasInterrupted: Bool { state.withLock { $0.wasInterrupted } }

    /// True if something that was to be fetched is not there.
    var isUnfinished: Bool { state.withLock(\.report.isUnfinished) }

    /// Takes the live lines away.
    func end() {
        output.endDrawing()
    }

    /// Checking comes ten times a second, which is too much for a script, and progress even if nothing has changed.
    private func showObjects(_ event: PeerEvent) {
        var told = event
        switch event {
        case .checking: guard state.withLock({ $0.json.isDue(at: clock.now - start) }) else { return }
        case .progress(let all): told = .progress(state.withLock { $0.news.absorb(all) })
        default: break
        }
        for object in TransferEvents.objects(told) { output.event(object) }
    }

    private func say(_ line: TransferReport.Line) {
        switch line {
        case .result(let text): if !output.isJSON, !output.isQuiet { output.result(text) }
        case .message(let text, 0): if !output.isJSON { output.message(text) }
        case .message(let text, let level): if !output.isJSON { output.log(text, level: level) }
        // Its object has been printed already.
        case .error(let error): output.errorLine(error, program: "p2p-peer")
        }
    }
}

extension PeerEvent {
    /// No script is told more of it than its own object.
    fileprivate var isForLinesAlone: Bool {
        switch self {
        case .word, .peers, .pieces: true
        default: false
        }
    }
}
