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

    /// All lines after the title, in order.
    static let facts: [RecordedFact<RecordingHeader>] =
        RecordedFact<SwarmConfiguration>.all.map { $0.within(\.configuration) } + [RecordedFact("begins", \.moment)]
}

/// One line of a header: its first word, and how the rest is written and read.
struct RecordedFact<Header: Sendable>: Sendable {
    let name: String
    let write: @Sendable (Header, inout RecordedLine) -> Void
    let read: @Sendable (inout Header, inout RecordedWords) throws(RecordedWords.Damage) -> Void

    private init(
        _ name: String, writing write: @escaping @Sendable (Header, inout RecordedLine) -> Void,
        reading read: @escaping @Sendable (inout Header, inout RecordedWords) throws(RecordedWords.Damage) -> Void
    ) {
        (self.name, self.write, self.read) = (name, write, read)
    }

    /// A property that is written as it is.
    init<Value: RecordedField>(_ name: String, _ property: any WritableKeyPath<Header, Value> & Sendable) {
        self.init(name, { $0[keyPath: property] }, { $0[keyPath: property] = $1 })
    }

    init<Value: RecordedField>(
        _ name: String, _ get: @escaping @Sendable (Header) -> Value,
        _ set: @escaping @Sendable (inout Header, Value) -> Void
    ) {
        self.init(name, writing: { get($0).write(to: &$1) }) {
            (header, words) throws(RecordedWords.Damage) in set(&header, try words.next())
        }
    }

    /// A number of things.
    init(count name: String, _ property: any WritableKeyPath<Header, Int> & Sendable) {
        self.init(name, { RecordedNumber<RecordedCount>($0[keyPath: property]) }, { $0[keyPath: property] = $1.number })
    }

    /// The same where there may be none.
    init(count name: String, _ property: any WritableKeyPath<Header, Int?> & Sendable) {
        self.init(
            name, { header in header[keyPath: property].map { RecordedNumber<RecordedCount>($0) } },
            { (header, count: RecordedNumber<RecordedCount>?) in header[keyPath: property] = count?.number })
    }

    init(bytes name: String, _ property: any WritableKeyPath<Header, Int> & Sendable) {
        self.init(
            name, { RecordedNumber<RecordedByteCount>($0[keyPath: property]) }, { $0[keyPath: property] = $1.number })
    }

    init<Value: Bytes20Value>(hash name: String, _ property: any WritableKeyPath<Header, Value> & Sendable) {
        self.init(name, { RecordedHash($0[keyPath: property]) }, { $0[keyPath: property] = $1.value() })
    }

    init(tiers name: String, _ property: any WritableKeyPath<Header, [Int]> & Sendable) {
        self.init(name, { RecordedTiers($0[keyPath: property]) }, { $0[keyPath: property] = $1.counts })
    }

    /// The same fact about a part of something larger.
    func within<Whole: Sendable>(_ part: any WritableKeyPath<Whole, Header> & Sendable) -> RecordedFact<Whole> {
        let (write, read) = (write, read)
        return RecordedFact<Whole>(name, writing: { write($0[keyPath: part], &$1) }) {
            (whole, words) throws(RecordedWords.Damage) in try read(&whole[keyPath: part], &words)
        }
    }
}

extension RecordedFact<SwarmConfiguration> {
    /// The torrent comes first, since others are checked against it.
    static let all: [Self] =
        [
            Self("payload", \.geometry), Self(hash: "info-hash", \.infoHash), Self(hash: "our-id", \.ourID),
            Self("have", \.have), Self(tiers: "tracker-tiers", \.trackerTiers), Self("is-private", \.isPrivate),
            Self("listen-port", \.listenPort), Self("interfaces", \.interfaces),
            Self(bytes: "metadata-bytes", \.metadataBytes), Self("fetches-missing", \.fetchesMissing),
        ] + RecordedFact<SwarmLimits>.all.map { $0.within(\.limits) }
        + RecordedFact<SwarmRules>.all.map { $0.within(\.rules) } + [Self("seed", \.seed)]
}

extension RecordedFact<SwarmLimits> {
    static let all = [
        Self(count: "connections", \.connections), Self(count: "connecting", \.connecting),
        Self(count: "known-peers", \.knownPeers), Self(count: "queued-requests", \.queuedRequests),
        Self(bytes: "released-bytes", \.releasedBytes), Self(bytes: "block-bytes", \.blockBytes),
        Self(bytes: "open-bytes", \.openBytes), Self(count: "pipeline-blocks", \.pipelineBlocks),
        Self(count: "upload-slots", \.uploadSlots),
    ]
}

extension RecordedFact<SwarmRules> {
    static let all = [
        Self("uploads", \.uploads), Self("grants-fast", \.grantsFast), Self(count: "slots", \.slots),
        Self("hides-pieces", \.hidesPieces), Self("super-seeds", \.superSeeds),
        Self("admits-unnamed", \.admitsUnnamed), Self("exchanges-peers", \.exchangesPeers),
    ]
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
