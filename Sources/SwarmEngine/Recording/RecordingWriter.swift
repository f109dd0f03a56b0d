package import TorrentCore

/// Records the events and questions that a brain is given, so that `Replay` can give them to another one. The text is
/// kept in memory until the caller takes it.
package struct RecordingWriter: Sendable {
    private var text: [UInt8] = []
    private var line = RecordedLine()

    /// Begins with the header: the configuration, and when its brain was made.
    package init(_ configuration: SwarmConfiguration, at moment: Moment) {
        begin(RecordingHeader.title, RecordingHeader(configuration, at: moment), RecordingHeader.facts)
    }

    /// The same of a brain without metadata.
    package init(_ configuration: MetadataConfiguration, at moment: Moment) {
        let header = MetadataRecordingHeader(configuration: configuration, moment: moment)
        begin(MetadataRecordingHeader.title, header, MetadataRecordingHeader.facts)
    }

    private mutating func begin<Header>(_ title: String, _ header: Header, _ facts: [RecordedFact<Header>]) {
        line.add(word: title)
        endLine()
        for fact in facts {
            line.add(word: fact.name)
            fact.write(header, &line)
            endLine()
        }
    }

    /// `effects` are those of this input alone; `nextDeadline` is the brain's afterwards.
    package mutating func add(
        _ input: RecordedInput, at moment: Moment, effects: ArraySlice<SwarmEffect>, nextDeadline: Moment
    ) {
        let outcome = RecordedOutcome(effects, nextDeadline: nextDeadline, using: &line)
        line.removeAll()
        RecordedStep(moment: moment, input: input, outcome: outcome).write(to: &line)
        endLine()
    }

    /// The lines since the last call.
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
