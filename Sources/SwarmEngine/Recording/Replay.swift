import TorrentCore

/// Does to a new brain what a recording says was done to another, and looks for the first thing that comes out
/// differently.
package struct Replay: ~Copyable {
    /// Where the brain of now parts from the one of then.
    package struct Difference: Hashable, Sendable, CustomStringConvertible {
        /// In the recording, from 1.
        package let line: Int
        /// The line as it stands there, and as it would stand there now.
        package let recorded: String
        package let now: String
        /// What the brain of now wants done.
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
    /// Inputs that came out as they did then.
    package private(set) var inputsAlike = 0

    /// `text` is all of a recording.
    package init(_ text: [UInt8]) throws(RecordingError) {
        reader = try RecordingReader(text)
        swarm = Swarm(reader.header.configuration, at: reader.header.moment)
    }

    /// Nil if all comes out as it did then.
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
