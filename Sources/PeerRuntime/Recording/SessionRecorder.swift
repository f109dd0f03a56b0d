import SwarmEngine
import TorrentCore

/// Writes down what the brain of one session is told and asked, and what it makes of it.
final class SessionRecorder {
    private var writer: RecordingWriter
    private let file: RecordingFile

    init(_ configuration: SwarmConfiguration, at moment: Moment, in folder: RecordingFolder) {
        writer = RecordingWriter(configuration, at: moment)
        file = folder.newFile(of: configuration.infoHash)
    }

    /// The same before there is metadata. What becomes of that brain is written down in the same file.
    init(_ configuration: MetadataConfiguration, at moment: Moment, in folder: RecordingFolder) {
        writer = RecordingWriter(configuration, at: moment)
        file = folder.newFile(of: configuration.infoHash)
    }

    /// `effects` are those of this input alone.
    func add(_ input: RecordedInput, at moment: Moment, effects: ArraySlice<SwarmEffect>, nextDeadline: Moment) {
        writer.add(input, at: moment, effects: effects, nextDeadline: nextDeadline)
    }

    /// Has what was added written, without waiting for it. False if an earlier part could not be written, which has
    /// been told: then nothing is any more.
    func handOver() -> Bool {
        let text = writer.take()
        return text.isEmpty || file.write(text)
    }
}
