package import TorrentCore

/// One event that a brain was given, or one question with its answer.
package enum RecordedInput: Hashable, Sendable {
    case event(SwarmEvent)
    case news(SwarmNews)
    /// The question whether a block is wanted, and what the brain said.
    case admit(WireBlock, from: ConnectionID, answer: BlockAdmission)
    /// The question whether a peer that connected is welcome, and its name if it is.
    case linkAccepted(from: Endpoint, Handshake, answer: ConnectionID?)
    /// The news of a wrong piece, and the name of the attempt if there was one.
    case pieceRejected(PieceIndex, answer: RejectedAttempt?)
    /// The question where the bytes of a block of metadata are to be kept, and what the brain said.
    case admitMetadata(MetadataMessage, SHA1Digest, from: ConnectionID, answer: MetadataPlace?)
    /// The news that metadata is right.
    case assemblyVerified(MetadataAssembly.ID, isPrivate: Bool)
    /// The news that it is wrong.
    case assemblyRejected(MetadataAssembly.ID)
    /// The brain without metadata has become that of a torrent, of which so many pieces may be open, if that is said.
    case promoted(SwarmConfiguration, mayOpen: Int?)
}

extension Swarm {
    /// Gives the brain a recorded event or question again. Returns the input with the answer of this brain.
    package mutating func takeAgain(
        _ input: RecordedInput, at now: Moment, effects: inout SwarmEffects
    ) -> RecordedInput {
        switch input {
        case .event(let event): take(event, at: now, effects: &effects)
        case .news(let news): take(news, at: now, effects: &effects)
        case .admit(let block, let id, _):
            return .admit(block, from: id, answer: admit(block, from: id, at: now, effects: &effects))
        case .linkAccepted(let endpoint, let handshake, _):
            let answer = linkAccepted(from: endpoint, handshake: handshake, at: now, effects: &effects)
            return .linkAccepted(from: endpoint, handshake, answer: answer)
        case .pieceRejected(let piece, _):
            return .pieceRejected(piece, answer: pieceRejected(piece, at: now, effects: &effects))
        case .admitMetadata, .assemblyVerified, .assemblyRejected, .promoted: break
        }
        return input
    }
}

extension MetadataSwarm {
    /// The same of a brain without metadata. That it becomes another one is for the caller to see to.
    package mutating func takeAgain(
        _ input: RecordedInput, at now: Moment, effects: inout SwarmEffects
    ) -> RecordedInput {
        switch input {
        case .event(let event): take(event, at: now, effects: &effects)
        case .news(let news): take(news, at: now, effects: &effects)
        case .linkAccepted(let endpoint, let handshake, _):
            let answer = linkAccepted(from: endpoint, handshake: handshake, at: now, effects: &effects)
            return .linkAccepted(from: endpoint, handshake, answer: answer)
        case .admitMetadata(let message, let digest, let id, _):
            let answer = admit(message, digest: digest, from: id, at: now, effects: &effects)
            return .admitMetadata(message, digest, from: id, answer: answer)
        case .assemblyVerified(let id, let isPrivate):
            assemblyVerified(id, isPrivate: isPrivate, at: now, effects: &effects)
        case .assemblyRejected(let id): assemblyRejected(id, at: now, effects: &effects)
        case .admit, .pieceRejected, .promoted: break
        }
        return input
    }
}

// MARK: As text

extension RecordedInput: RecordedField {
    /// The word before an answer.
    private static let mark = "="

    func write(to line: inout RecordedLine) {
        switch self {
        case .event(let event): event.write(to: &line)
        case .news(let news): news.write(to: &line)
        case .admit(let block, let id, let answer):
            line.add("admit", block, id)
            line.add(Self.mark, answer)
        case .linkAccepted(let endpoint, let handshake, let answer):
            line.add("link-accepted", endpoint, handshake)
            line.add(Self.mark, answer)
        case .pieceRejected(let piece, let answer):
            line.add("piece-rejected", piece)
            line.add(Self.mark, answer)
        case .admitMetadata(let message, let digest, let id, let answer):
            line.add("admit-metadata", message, RecordedHash(digest), id)
            line.add(Self.mark, answer)
        case .assemblyVerified(let id, let isPrivate): line.add("assembly-verified", id, isPrivate)
        case .assemblyRejected(let id): line.add("assembly-rejected", id)
        case .promoted(let configuration, let mayOpen): line.add("promoted", mayOpen, configuration)
        }
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> RecordedInput {
        let expected = "something that a brain is told or asked"
        let kind = try words.word(expected)
        switch kind {
        case "admit": return .admit(try words.next(), from: try words.next(), answer: try answer(in: &words))
        case "link-accepted":
            return .linkAccepted(from: try words.next(), try words.next(), answer: try answer(in: &words))
        case "piece-rejected": return .pieceRejected(try words.next(), answer: try answer(in: &words))
        case "admit-metadata":
            let message: MetadataMessage = try words.next()
            let digest: RecordedHash = try words.next()
            return .admitMetadata(
                message, digest.value(), from: try words.next(), answer: try answer(in: &words))
        case "assembly-verified": return .assemblyVerified(try words.next(), isPrivate: try words.next())
        case "assembly-rejected": return .assemblyRejected(try words.next())
        case "promoted":
            let mayOpen: Int? = try words.next()
            return .promoted(try words.next(), mayOpen: mayOpen)
        default: break
        }
        if let event = try SwarmEvent.read(kind, from: &words) { return .event(event) }
        if let news = try SwarmNews.read(kind, from: &words) { return .news(news) }
        throw RecordedWords.Damage(expected: expected)
    }

    private static func answer<Answer: RecordedField>(
        in words: inout RecordedWords
    ) throws(RecordedWords.Damage) -> Answer {
        try words.expect(mark)
        return try words.next()
    }
}

extension SwarmEvent {
    func write(to line: inout RecordedLine) {
        switch self {
        case .start: line.add(word: "start")
        case .stop: line.add(word: "stop")
        case .deadlineReached: line.add(word: "deadline-reached")
        case .connectionsLimited(let count): line.add("connections-limited", count)
        case .linkClosed(let id, let reason): line.add("link-closed", id, reason)
        case .message(let message, let id): line.add("message", id, message)
        case .blockArrived(let block, let id): line.add("block-arrived", block, id)
        case .blockDiscarded(let block, let id): line.add("block-discarded", block, id)
        case .blockSent(let block, let id): line.add("block-sent", block, id)
        case .metadataSent(let id): line.add("metadata-sent", id)
        case .messagesWaited(let time, let id): line.add("messages-waited", time, id)
        case .pieceStored(let piece): line.add("piece-stored", piece)
        case .pieceStoreFailed(let piece): line.add("piece-store-failed", piece)
        case .pieceNotOpened(let piece): line.add("piece-not-opened", piece)
        case .mayOpen(let count): line.add("may-open", count)
        case .memoryIsWanted: line.add(word: "memory-is-wanted")
        case .announceAnswered(let tracker, let interval, let minimum):
            line.add("announce-answered", tracker, interval, minimum)
        case .announceFailed(let tracker, let retryIn, let isFinal):
            line.add("announce-failed", tracker, retryIn, isFinal)
        }
    }

    /// Nil if `kind` is not the name of an event.
    static func read(_ kind: String, from words: inout RecordedWords) throws(RecordedWords.Damage) -> SwarmEvent? {
        switch kind {
        case "start": return .start
        case "stop": return .stop
        case "deadline-reached": return .deadlineReached
        case "connections-limited": return .connectionsLimited(try words.next())
        case "link-closed": return .linkClosed(try words.next(), try words.next())
        case "message":
            let id: ConnectionID = try words.next()
            return .message(try words.next(), from: id)
        case "block-arrived": return .blockArrived(try words.next(), from: try words.next())
        case "block-discarded": return .blockDiscarded(try words.next(), from: try words.next())
        case "block-sent": return .blockSent(try words.next(), to: try words.next())
        case "metadata-sent": return .metadataSent(to: try words.next())
        case "messages-waited": return .messagesWaited(try words.next(), on: try words.next())
        case "piece-stored": return .pieceStored(try words.next())
        case "piece-store-failed": return .pieceStoreFailed(try words.next())
        case "piece-not-opened": return .pieceNotOpened(try words.next())
        case "may-open": return .mayOpen(try words.next())
        case "memory-is-wanted": return .memoryIsWanted
        case "announce-answered":
            return .announceAnswered(try words.next(), interval: try words.next(), minimum: try words.next())
        case "announce-failed":
            return .announceFailed(try words.next(), retryIn: try words.next(), isFinal: try words.next())
        default: return nil
        }
    }
}

extension SwarmNews {
    func write(to line: inout RecordedLine) {
        switch self {
        case .linkOpened(let id, let handshake): line.add("link-opened", id, handshake)
        case .bitfield(let bytes, let id): line.add("bitfield", RecordedBytes(bytes), id)
        case .extensionHandshake(let handshake, let id): line.add("extension-handshake", id, handshake)
        case .extended(let message, let id): line.add("extended", id, message)
        case .peersFound(let endpoints, let source): line.add("peers-found", source, endpoints)
        case .newcomer(let endpoint): line.add("newcomer", endpoint)
        case .blocksDiffered(let blocks, let piece, let attempt):
            line.add("blocks-differed", piece, attempt, blocks)
        }
    }

    /// Nil if `kind` is not the name of news.
    static func read(_ kind: String, from words: inout RecordedWords) throws(RecordedWords.Damage) -> SwarmNews? {
        switch kind {
        case "link-opened": return .linkOpened(try words.next(), try words.next())
        case "bitfield":
            let bytes: RecordedBytes = try words.next()
            return .bitfield(bytes.bytes, from: try words.next())
        case "extension-handshake":
            let id: ConnectionID = try words.next()
            return .extensionHandshake(try words.next(), from: id)
        case "extended":
            let id: ConnectionID = try words.next()
            return .extended(try words.next(), from: id)
        case "peers-found":
            let source: PeerSource = try words.next()
            return .peersFound(try words.next(), from: source)
        case "newcomer": return .newcomer(try words.next())
        case "blocks-differed":
            let piece: PieceIndex = try words.next()
            let attempt: RejectedAttempt = try words.next()
            return .blocksDiffered(try words.next(), of: piece, in: attempt)
        default: return nil
        }
    }
}
