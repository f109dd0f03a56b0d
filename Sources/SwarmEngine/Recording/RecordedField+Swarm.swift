import TorrentCore

// How the brain's own values are written in a recording.

/// slot.generation
extension ConnectionID: RecordedField {
    func write(to line: inout RecordedLine) { line.add(word: "\(slot).\(generation)") }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> ConnectionID {
        try words.word("a connection") { word in
            let parts = word.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let slot = UInt32(parts[0]), let generation = UInt32(parts[1]) else { return nil }
            return ConnectionID(slot: slot, generation: generation)
        }
    }
}

extension TrackerIndex: RecordedField {
    func write(to line: inout RecordedLine) { number.write(to: &line) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> TrackerIndex {
        let number: Int32 = try words.next()
        return TrackerIndex(Int(number))
    }
}

extension RejectedAttempt: RecordedField {
    func write(to line: inout RecordedLine) { number.write(to: &line) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> RejectedAttempt {
        RejectedAttempt(number: try words.next())
    }
}

extension MetadataAssembly.ID: RecordedField {
    func write(to line: inout RecordedLine) { number.write(to: &line) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> MetadataAssembly.ID {
        MetadataAssembly.ID(number: try words.next())
    }
}

// Cases without values are written as their names.

extension RecordedField where Self: RawRepresentable, RawValue == UInt8 {
    func write(to line: inout RecordedLine) { line.add(word: "\(self)") }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> Self {
        try words.word("\(Self.self)") { word in
            (0...UInt8.max).lazy.compactMap { Self(rawValue: $0) }.first { "\($0)" == word }
        }
    }
}

extension Violation: RecordedField {}
extension PeerSource: RecordedField {}

extension CloseReason: RecordedField {
    /// All reasons but violations.
    static let plain: [CloseReason] = [
        .remoteClosed, .connectFailed, .handshakeFailed, .networkError, .banned, .duplicate, .ourself, .idle,
        .notUseful, .stopping, .wrongTorrent, .tooMany, .notOfTracker, .noWay, .putOff,
    ]

    func write(to line: inout RecordedLine) {
        if case .protocolViolation(let violation) = self {
            line.add("protocolViolation", violation)
        } else {
            line.add(word: "\(self)")
        }
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> CloseReason {
        if words.skip("protocolViolation") { return .protocolViolation(try words.next()) }
        return try words.word("a reason") { word in plain.first { "\($0)" == word } }
    }
}

extension BlockAdmission: RecordedField {
    func write(to line: inout RecordedLine) {
        switch self {
        case .accept(let block): line.add("accept", block)
        case .discard: line.add(word: "discard")
        case .refuse: line.add(word: "refuse")
        }
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> BlockAdmission {
        if words.skip("accept") { return .accept(try words.next()) }
        if words.skip("discard") { return .discard }
        try words.expect("refuse")
        return .refuse
    }
}

/// The assembly, the bytes of the whole, and where in it.
extension MetadataPlace: RecordedField {
    func write(to line: inout RecordedLine) {
        assembly.write(to: &line)
        size.write(to: &line)
        offset.write(to: &line)
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> MetadataPlace {
        MetadataPlace(assembly: try words.next(), size: try words.next(), offset: try words.next())
    }
}

/// The facts of a header, all in one line.
extension SwarmConfiguration: RecordedField {
    func write(to line: inout RecordedLine) {
        for fact in RecordedFact<SwarmConfiguration>.all {
            line.add(word: fact.name)
            fact.write(self, &line)
        }
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> SwarmConfiguration {
        var configuration = SwarmConfiguration.empty
        for fact in RecordedFact<SwarmConfiguration>.all {
            words.geometry = configuration.geometry
            try words.expect(fact.name)
            try fact.read(&configuration, &words)
        }
        return configuration
    }
}
