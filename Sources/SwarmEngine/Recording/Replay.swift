import TorrentCore

/// Gives a new brain the inputs of a recording, and finds the first one that it handles differently.
package struct Replay: ~Copyable {
    /// The first input whose outcome differs.
    package struct Difference: Hashable, Sendable, CustomStringConvertible {
        /// Line of the recording, from 1.
        package let line: Int
        /// The line as recorded.
        package let recorded: String
        /// The line as this brain would record it.
        package let now: String
        /// The effects of this brain, as text.
        package let effects: [String]

        package var description: String {
            let wanted = effects.isEmpty ? ["nothing"] : effects
            return
                (["line \(line) differs", "then: \(recorded)", "now:  \(now)", "what is to be done now:"]
                + wanted.map { "  \($0)" }).joined(separator: "\n")
        }
    }

    private var reader: RecordingReader
    /// One of both: before there is metadata the other one.
    private var swarm: Swarm?
    private var early: MetadataSwarm?
    private var line = RecordedLine()
    /// Inputs so far with the same outcome.
    package private(set) var inputsAlike = 0

    /// `text` is a whole recording.
    package init(_ text: [UInt8]) throws(RecordingError) {
        reader = try RecordingReader(text)
        switch reader.header {
        case .swarm(let header): swarm = Swarm(header.configuration, at: header.moment)
        case .metadata(let header): early = MetadataSwarm(header.configuration, at: header.moment)
        }
    }

    /// Nil if all outcomes are the same.
    package mutating func firstDifference() throws(RecordingError) -> Difference? {
        while let then = try reader.next() {
            var effects: SwarmEffects = []
            let input = takeAgain(then.input, at: then.moment, effects: &effects)
            let deadline = swarm?.nextDeadline ?? early?.nextDeadline ?? .distantFuture
            let outcome = RecordedOutcome(effects[...], nextDeadline: deadline, using: &line)
            let now = RecordedStep(moment: then.moment, input: input, outcome: outcome)
            guard now == then else {
                return Difference(
                    line: reader.line, recorded: text { then.write(to: &$0) }, now: text { now.write(to: &$0) },
                    effects: effects.map { effect in text { effect.write(to: &$0) } })
            }
            inputsAlike += 1
        }
        return nil
    }

    private mutating func takeAgain(
        _ input: RecordedInput, at now: Moment, effects: inout SwarmEffects
    ) -> RecordedInput {
        if case .promoted(let configuration, let mayOpen) = input, early?.isRunning == true, let early = early.take() {
            swarm = early.promoted(configuration, mayOpen: mayOpen, at: now, effects: &effects)
            return input
        }
        return swarm?.takeAgain(input, at: now, effects: &effects)
            ?? early?.takeAgain(input, at: now, effects: &effects) ?? input
    }

    private func text(_ write: (inout RecordedLine) -> Void) -> String {
        var line = RecordedLine()
        write(&line)
        return line.text
    }
}
