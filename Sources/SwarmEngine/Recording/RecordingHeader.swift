package import TorrentCore

/// The beginning of a recording: the whole configuration of the swarm, one fact a line.
package struct RecordingHeader: Sendable {
    package var configuration: SwarmConfiguration
    /// When the swarm was made.
    package var moment: Moment

    package init(_ configuration: SwarmConfiguration, at moment: Moment) {
        self.configuration = configuration
        self.moment = moment
    }

    /// The first line: a file of another version is not read.
    static let title = "swarm-recording 1"

    /// One line: its first word, and how the rest is written and read.
    struct Fact: Sendable {
        let name: String
        let write: @Sendable (RecordingHeader, inout RecordedLine) -> Void
        let read: @Sendable (inout RecordingHeader, inout RecordedWords) throws(RecordedWords.Damage) -> Void

        /// A property that is written as it is.
        init<Value: RecordedField>(
            _ name: String, _ property: any WritableKeyPath<RecordingHeader, Value> & Sendable
        ) {
            self.init(name, { $0[keyPath: property] }, { $0[keyPath: property] = $1 })
        }

        init<Value: RecordedField>(
            _ name: String, _ get: @escaping @Sendable (RecordingHeader) -> Value,
            _ set: @escaping @Sendable (inout RecordingHeader, Value) -> Void
        ) {
            self.name = name
            write = { get($0).write(to: &$1) }
            read = { (header, words) throws(RecordedWords.Damage) in set(&header, try words.next()) }
        }
    }

    /// All lines after the title, in order. The torrent comes first, since other lines are checked against it.
    static let facts: [Fact] =
        [
            Fact("payload", \.configuration.geometry),
            Fact("info-hash", { RecordedHash($0.configuration.infoHash) }, { $0.configuration.infoHash = $1.value() }),
            Fact("our-id", { RecordedHash($0.configuration.ourID) }, { $0.configuration.ourID = $1.value() }),
            Fact("have", \.configuration.have),
            Fact("tracker-tiers", \.configuration.trackerTiers),
            Fact("is-private", \.configuration.isPrivate),
            Fact("fetches-missing", \.configuration.fetchesMissing),
        ] + limits + rules + [
            Fact("seed", \.configuration.seed),
            Fact("begins", \.moment),
        ]

    private static let limits = [
        Fact("connections", \.configuration.limits.connections),
        Fact("connecting", \.configuration.limits.connecting),
        Fact("known-peers", \.configuration.limits.knownPeers),
        Fact("queued-requests", \.configuration.limits.queuedRequests),
        Fact("released-bytes", \.configuration.limits.releasedBytes),
        Fact("block-bytes", \.configuration.limits.blockBytes),
        Fact("open-bytes", \.configuration.limits.openBytes),
        Fact("pipeline-blocks", \.configuration.limits.pipelineBlocks),
        Fact("upload-slots", \.configuration.limits.uploadSlots),
    ]

    private static let rules = [
        Fact("uploads", \.configuration.rules.uploads),
        Fact("grants-fast", \.configuration.rules.grantsFast),
        Fact("slots", \.configuration.rules.slots),
        Fact("hides-pieces", \.configuration.rules.hidesPieces),
    ]
}

/// An info hash or a peer id, as forty hexadecimal digits.
struct RecordedHash: RecordedField {
    let bytes: Bytes20

    init(_ value: some Bytes20Value) { bytes = value.bytes }
    private init(bytes: Bytes20) { self.bytes = bytes }

    func value<Value: Bytes20Value>() -> Value { Value(bytes) }

    func write(to line: inout RecordedLine) { line.add(word: bytes.array.hex) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> RecordedHash {
        RecordedHash(bytes: try words.word("forty digits") { Bytes20(hex: $0) })
    }
}

/// The bytes of the payload, then those of a piece.
extension TorrentGeometry: RecordedField {
    func write(to line: inout RecordedLine) {
        line.add(word: "\(totalLength)")
        pieceLength.write(to: &line)
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> TorrentGeometry {
        let total = try words.word("a length") { Int64($0) }
        guard let geometry = TorrentGeometry(totalLength: total, pieceLength: try words.next()) else {
            throw RecordedWords.Damage(expected: "the lengths of a torrent and of its pieces")
        }
        return geometry
    }
}

/// The wire form, in hexadecimal digits.
extension Bitfield: RecordedField {
    func write(to line: inout RecordedLine) { RecordedBytes(wire).write(to: &line) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> Bitfield {
        let wire: RecordedBytes = try words.next()
        let count = words.geometry.pieceCount
        guard let field = wire.bytes.withBytes({ Bitfield(wire: $0, count: count) }) else {
            throw RecordedWords.Damage(expected: "a bit a piece")
        }
        return field
    }
}

extension SwarmRules.Uploads: RecordedField {
    func write(to line: inout RecordedLine) { line.add(word: "\(self)") }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> SwarmRules.Uploads {
        try words.word("a way to share uploads out") { word in
            [.slots, .serial, .fitting].first { "\($0)" == word }
        }
    }
}
