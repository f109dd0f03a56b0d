package import TorrentCore

/// Writes down what a brain is told and asked, so that `Replay` can do the same to another one. The text gathers in
/// `text` until somebody takes it to where it is kept.
package struct RecordingWriter: Sendable {
    private var text: [UInt8] = []
    private var line = RecordedLine()

    package init(_ configuration: SwarmConfiguration, at moment: Moment) {
        let header = RecordingHeader(configuration, at: moment)
        line.add(word: RecordingHeader.title)
        endLine()
        for fact in RecordingHeader.facts {
            line.add(word: fact.name)
            fact.write(header, &line)
            endLine()
        }
    }

    /// `effects` are those of this input alone; `nextDeadline` is what the brain says afterwards.
    package mutating func add(
        _ input: RecordedInput, at moment: Moment, effects: ArraySlice<SwarmEffect>, nextDeadline: Moment
    ) {
        let outcome = RecordedOutcome(effects, nextDeadline: nextDeadline, using: &line)
        line.removeAll()
        RecordedStep(moment: moment, input: input, outcome: outcome).write(to: &line)
        endLine()
    }

    /// Whole lines that have not been taken yet.
    package mutating func take() -> [UInt8] {
        defer { text = [] }
        return text
    }

    private mutating func endLine() {
        text += line.bytes
        text.append(RecordedLine.end)
        line.removeAll()
    }
}
