import TorrentCore

/// Why a recording cannot be read: in which line, and what was expected there.
package struct RecordingError: Error, Hashable, CustomStringConvertible {
    /// Counted from 1.
    package let line: Int
    /// Half a sentence: what should have stood there.
    package let expected: String

    package var description: String { "line \(line): expected \(expected)" }
}

/// Reads a recording, line by line.
struct RecordingReader {
    /// What kind of brain it was, and what it was given first.
    enum Header {
        case swarm(RecordingHeader)
        case metadata(MetadataRecordingHeader)
    }

    let header: Header
    private var lines: RecordedLines
    /// Of the torrent, as soon as that is known.
    private var geometry: TorrentGeometry
    private var now: Moment
    private var hasSteps = false

    init(_ text: [UInt8]) throws(RecordingError) {
        var lines = RecordedLines(text)
        if text.starts(with: MetadataRecordingHeader.title.utf8) {
            let read = try lines.header(
                MetadataRecordingHeader.empty, MetadataRecordingHeader.title, MetadataRecordingHeader.facts
            ) { _ in .nothing }
            (header, now, geometry) = (.metadata(read), read.moment, .nothing)
        } else {
            let read = try lines.header(.empty, RecordingHeader.title, RecordingHeader.facts) {
                $0.configuration.geometry
            }
            (header, now, geometry) = (.swarm(read), read.moment, read.configuration.geometry)
        }
        guard now >= .zero, now < Self.latest else {
            throw RecordingError(line: lines.number, expected: "a moment")
        }
        self.lines = lines
    }

    /// The number of the last line that was read, from 1.
    var line: Int { lines.number }

    /// The next step; nil at the end. There is at least one, since every brain is started.
    mutating func next() throws(RecordingError) -> RecordedStep? {
        guard !lines.isAtEnd || !hasSteps else { return nil }
        hasSteps = true
        let step: RecordedStep = try lines.next(geometry) { (words) throws(RecordedWords.Damage) in try words.next() }
        guard step.moment >= now, step.moment < Self.latest else {
            throw RecordingError(line: line, expected: "a moment that is not before the last")
        }
        now = step.moment
        if case .promoted(let configuration, _) = step.input { geometry = configuration.geometry }
        return step
    }

    /// No clock gets there, and the durations that a brain adds to a moment do not overflow.
    private static let latest = Moment(nanoseconds: .max / 2)
}

/// The lines of a text. Each ends with a line feed; a last one without it has been cut off.
private struct RecordedLines {
    private let text: [UInt8]
    private var position = 0
    private(set) var number = 0

    init(_ text: [UInt8]) { self.text = text }

    var isAtEnd: Bool { position == text.count }

    /// The next line, all of which `read` has to read.
    mutating func next<Value>(
        _ geometry: TorrentGeometry, _ read: (inout RecordedWords) throws(RecordedWords.Damage) -> Value
    ) throws(RecordingError) -> Value {
        number += 1
        guard let end = text[position...].firstIndex(of: RecordedLine.end) else {
            throw RecordingError(line: number, expected: isAtEnd ? "another line" : "the rest of the line")
        }
        var words = RecordedWords(text[position..<end], geometry)
        do throws(RecordedWords.Damage) {
            let value = try read(&words)
            try words.expectEnd()
            position = end + 1
            return value
        } catch {
            throw RecordingError(line: number, expected: error.expected)
        }
    }

    /// The title, and then a fact a line, each checked against those before it.
    mutating func header<Header>(
        _ empty: Header, _ title: String, _ facts: [RecordedFact<Header>], geometry: (Header) -> TorrentGeometry
    ) throws(RecordingError) -> Header {
        var header = empty
        try next(.nothing) { (words) throws(RecordedWords.Damage) in
            for word in title.split(separator: " ") { try words.expect(String(word)) }
        }
        for fact in facts {
            try next(geometry(header)) { (words) throws(RecordedWords.Damage) in
                try words.expect(fact.name)
                try fact.read(&header, &words)
            }
        }
        return header
    }
}

extension TorrentGeometry {
    /// Of a torrent that is not known yet.
    static var nothing: TorrentGeometry {
        guard let nothing = TorrentGeometry(totalLength: 0, pieceLength: 1) else {
            preconditionFailure("a torrent may be empty")
        }
        return nothing
    }
}

extension SwarmConfiguration {
    /// A torrent without pieces, until it has been read.
    static var empty: SwarmConfiguration {
        SwarmConfiguration(
            geometry: .nothing, infoHash: InfoHash(.zero), ourID: PeerID(.zero), have: Bitfield(count: 0), seed: 0)
    }
}

extension RecordingHeader {
    fileprivate static var empty: RecordingHeader { RecordingHeader(.empty, at: .zero) }
}
