import TorrentCore

/// One line of a recording: an input, when it came, and its outcome.
struct RecordedStep: Hashable {
    var moment: Moment
    var input: RecordedInput
    var outcome: RecordedOutcome
}

/// What the brain did with an input: enough to tell whether another brain does the same.
struct RecordedOutcome: Hashable {
    var effectCount: Int
    /// FNV-1a over the effects in order, each as text with a line feed.
    var digest: UInt64
    /// `Swarm.nextDeadline` afterwards.
    var nextDeadline: Moment

    /// `line` lends its memory for the texts.
    init(_ effects: ArraySlice<SwarmEffect>, nextDeadline: Moment, using line: inout RecordedLine) {
        effectCount = effects.count
        self.nextDeadline = nextDeadline
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        for effect in effects {
            line.removeAll()
            effect.write(to: &line)
            for byte in line.bytes { Self.add(byte, to: &digest) }
            Self.add(RecordedLine.end, to: &digest)
        }
        self.digest = digest
    }

    init(effectCount: Int, digest: UInt64, nextDeadline: Moment) {
        self.effectCount = effectCount
        self.digest = digest
        self.nextDeadline = nextDeadline
    }

    private static func add(_ byte: UInt8, to digest: inout UInt64) {
        digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3
    }
}

extension RecordedStep: RecordedField {
    /// The word before the outcome.
    private static let mark = ">"

    func write(to line: inout RecordedLine) {
        moment.write(to: &line)
        input.write(to: &line)
        line.add(Self.mark, outcome.effectCount, RecordedWord64(bits: outcome.digest), outcome.nextDeadline)
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> RecordedStep {
        let moment: Moment = try words.next()
        let input: RecordedInput = try words.next()
        try words.expect(mark)
        let count: Int = try words.next()
        let digest: RecordedWord64 = try words.next()
        let outcome = RecordedOutcome(effectCount: count, digest: digest.bits, nextDeadline: try words.next())
        return RecordedStep(moment: moment, input: input, outcome: outcome)
    }
}

extension SwarmEffect {
    /// The text that goes into the digest, and that people see where a replay differs.
    func write(to line: inout RecordedLine) {
        switch self {
        case .connect(let id, let endpoint): line.add("connect", id, endpoint)
        case .close(let id, let reason): line.add("close", id, reason)
        case .send(let id, let message): line.add("send", id, message)
        case .sendBitfield(let id): line.add("send-bitfield", id)
        case .sendExtension(let id, let output):
            line.add("send-extension", id)
            output.write(to: &line)
        case .serve(let id, let block): line.add("serve", id, block)
        case .openPiece(let piece): line.add("open-piece", piece)
        case .verifyAndStore(let piece): line.add("verify-and-store", piece)
        case .discardPiece(let piece): line.add("discard-piece", piece)
        case .forgetSlot(let id): line.add("forget-slot", id)
        case .wantMemory: line.add(word: "want-memory")
        case .announce(let tracker, let event, let wanted):
            line.add("announce", tracker, event.rawValue, wanted)
        case .completed: line.add(word: "completed")
        case .verifyMetadata(let id): line.add("verify-metadata", id)
        case .dropMetadata(let id): line.add("drop-metadata", id)
        case .banned(let address, let piece): line.add("banned", address, piece)
        case .leftOut(let count, let source, let teller): line.add("left-out", count, source, teller)
        case .metadataLiar(let address): line.add("metadata-liar", address)
        case .showsEverything: line.add(word: "shows-everything")
        case .starved(let isStarved): line.add("starved", isStarved)
        }
    }
}
