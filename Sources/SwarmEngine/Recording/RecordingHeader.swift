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
    static let title = "swarm-recording 2"

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
            Fact(
                "tracker-tiers", { RecordedTiers($0.configuration.trackerTiers) },
                { $0.configuration.trackerTiers = $1.counts }),
            Fact("is-private", \.configuration.isPrivate),
            Fact("listen-port", \.configuration.listenPort),
            Fact("interfaces", \.configuration.interfaces),
            Fact(bytes: "metadata-bytes", \.configuration.metadataBytes),
            Fact("fetches-missing", \.configuration.fetchesMissing),
        ] + limits + rules + [
            Fact("seed", \.configuration.seed),
            Fact("begins", \.moment),
        ]

    private static let limits = [
        Fact(count: "connections", \.configuration.limits.connections),
        Fact(count: "connecting", \.configuration.limits.connecting),
        Fact(count: "known-peers", \.configuration.limits.knownPeers),
        Fact(count: "queued-requests", \.configuration.limits.queuedRequests),
        Fact(bytes: "released-bytes", \.configuration.limits.releasedBytes),
        Fact(bytes: "block-bytes", \.configuration.limits.blockBytes),
        Fact(bytes: "open-bytes", \.configuration.limits.openBytes),
        Fact(count: "pipeline-blocks", \.configuration.limits.pipelineBlocks),
        Fact(count: "upload-slots", \.configuration.limits.uploadSlots),
    ]

    private static let rules = [
        Fact("uploads", \.configuration.rules.uploads),
        Fact("grants-fast", \.configuration.rules.grantsFast),
        Fact(count: "slots", \.configuration.rules.slots),
        Fact("hides-pieces", \.configuration.rules.hidesPieces),
        Fact("admits-unnamed", \.configuration.rules.admitsUnnamed),
        Fact("exchanges-peers", \.configuration.rules.exchangesPeers),
    ]
}

extension RecordingHeader.Fact {
    /// A number of things.
    fileprivate init(count name: String, _ property: any WritableKeyPath<RecordingHeader, Int> & Sendable) {
        self.init(name, { RecordedNumber<RecordedCount>($0[keyPath: property]) }, { $0[keyPath: property] = $1.number })
    }

    /// The same where there may be none.
    fileprivate init(count name: String, _ property: any WritableKeyPath<RecordingHeader, Int?> & Sendable) {
        self.init(
            name, { header in header[keyPath: property].map { RecordedNumber<RecordedCount>($0) } },
            { (header, count: RecordedNumber<RecordedCount>?) in header[keyPath: property] = count?.number })
    }

    fileprivate init(bytes name: String, _ property: any WritableKeyPath<RecordingHeader, Int> & Sendable) {
        self.init(
            name, { RecordedNumber<RecordedByteCount>($0[keyPath: property]) }, { $0[keyPath: property] = $1.number })
    }
}

/// How many trackers each tier has. A brain makes room for each of them, so their sum is bounded.
struct RecordedTiers: RecordedField {
    static let mostTrackers = 10_000

    let counts: [Int]

    init(_ counts: [Int]) { self.counts = counts }

    func write(to line: inout RecordedLine) { counts.write(to: &line) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> RecordedTiers {
        let counts: [Int] = try words.next()
        var room = mostTrackers
        for count in counts {
            guard count <= room else { throw RecordedWords.Damage(expected: "at most \(mostTrackers) trackers") }
            room -= count
        }
        return RecordedTiers(counts)
    }
}

/// A number up to a bound.
struct RecordedNumber<Bound: RecordedBound>: RecordedField {
    let number: Int

    init(_ number: Int) { self.number = number }

    func write(to line: inout RecordedLine) { number.write(to: &line) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> RecordedNumber {
        let number: Int = try words.next()
        guard number <= Bound.most else { throw RecordedWords.Damage(expected: "a number up to \(Bound.most)") }
        return RecordedNumber(number)
    }
}

/// How large a number may be.
protocol RecordedBound: Sendable {
    static var most: Int { get }
}

/// So many things a brain can bear: it makes room for some of them, and multiplies others.
enum RecordedCount: RecordedBound {
    static let most = 1_000_000
}

/// So many bytes a computer can have.
enum RecordedByteCount: RecordedBound {
    static let most = 1 << 48
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
