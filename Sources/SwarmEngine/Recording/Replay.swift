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
    private var swarm: Swarm
    private var line = RecordedLine()
    /// Inputs so far with the same outcome.
    package private(set) var inputsAlike = 0

    /// `text` is a whole recording.
    package init(_ text: [UInt8]) throws(RecordingError) {
        reader = try RecordingReader(text)
        swarm = Swarm(reader.header.configuration, at: reader.header.moment)
    }

    /// Nil if all outcomes are the same.
    package mutating func firstDifference() throws(RecordingError) -> Difference? {
        while let then = try reader.next() {
            var effects: SwarmEffects = []
            let input = swarm.takeAgain(then.input, at: then.moment, effects: &effects)
            let outcome = RecordedOutcome(effects[...], nextDeadline: swarm.nextDeadline, using: &line)
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

    private func text(_ write: (inout RecordedLine) -> Void) -> String {
        var line = RecordedLine()
        write(&line)
        return line.text
    }
}
