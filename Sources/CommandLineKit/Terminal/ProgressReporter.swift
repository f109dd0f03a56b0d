internal import Synchronization

/// Shows how far one job is, on stderr: redrawn in place on a terminal, a plain line now and then elsewhere.
package final class ProgressReporter: Sendable {
    private let output: Output
    private let label: TerminalText
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let frame: Frame?
    private let state: Mutex<State>

    /// Takes the line to be drawn in place of the one before; none at the end.
    package typealias Frame = @Sendable ([TerminalText]) -> Void

    private struct State {
        var pace: Pace
        var hasShown = false
    }

    /// How often a terminal is redrawn, and how often a pipe gets a line.
    static let terminalInterval = Duration.milliseconds(100)
    static let pipeInterval = Duration.seconds(5)

    /// With a `frame`, somebody else draws on the terminal, and is handed the line.
    package init(_ label: TerminalText, output: Output, frame: Frame? = nil) {
        self.output = output
        self.label = label
        self.frame = frame
        start = clock.now
        let isLive = output.standardError.isInteractive
        var pace = Pace(every: isLive ? Self.terminalInterval : Self.pipeInterval)
        // A pipe gets its first line after the first interval, so that short jobs write nothing.
        if !isLive { _ = pace.isDue(at: .zero) }
        state = Mutex(State(pace: pace))
    }

    /// Says that `done` of `total` bytes are done. May be called as often as one likes, from any thread.
    package func update(_ done: Int64, of total: Int64) {
        guard !output.isQuiet, !output.isJSON else { return }
        let elapsed = clock.now - start
        let isDue = state.withLock { state in
            guard state.pace.isDue(at: elapsed) else { return false }
            state.hasShown = true
            return true
        }
        if isDue { show(done, total, elapsed) }
    }

    /// Draws the last state, and leaves it standing on a terminal if it was ever shown there.
    package func finish(_ done: Int64, of total: Int64) {
        guard !output.isQuiet, !output.isJSON, output.standardError.isInteractive else { return }
        guard state.withLock({ $0.hasShown }) else { return }
        if let frame { return frame([]) }
        show(done, total, clock.now - start)
        output.endDrawing(keepsLines: true)
    }

    /// Removes the line: for jobs that end in another way.
    package func cancel() {
        frame.map { $0([]) } ?? output.endDrawing()
    }

    /// Does nothing while it would have to wait: a slow terminal must not hold up the job.
    private func show(_ done: Int64, _ total: Int64, _ elapsed: Duration) {
        let terminal = output.standardError
        guard terminal.sink.hasRoom else { return }
        let facts = Self.facts(done, of: total, elapsed: elapsed)
        guard terminal.isInteractive else {
            let percentage = TerminalText(HumanUnits.percentage(done, of: total))
            output.message(.joined([label, percentage] + facts, by: "  "))
            return
        }
        let line = ProgressLine(label: label, done: done, total: total, facts: facts)
        let drawn = line.rendered(width: terminal.columns - 1, glyphs: terminal.glyphs)
        frame.map { $0([drawn]) } ?? output.draw([drawn], on: terminal)
    }

    /// The rate, and the time left once it can be told.
    static func facts(_ done: Int64, of total: Int64, elapsed: Duration) -> [TerminalText] {
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        guard seconds > 0, done > 0 else { return [] }
        let rate = Double(done) / seconds
        var facts = [TerminalText(HumanUnits.rate(rate)).paddedLeft(to: 10)]
        if done < total {
            let left = Double(total - done) / rate
            if left < 1e9 { facts.append("\(HumanUnits.duration(seconds: Int64(left.rounded(.up)))) left") }
        }
        return facts
    }
}
