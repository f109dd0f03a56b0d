import SwarmEngine
import TorrentCore
import TorrentIO

// Where brain and world meet: what the brain is told and asked, and what it wants done.
extension MetadataSession: PeerSession {
    var isRunning: Bool { brain.isRunning }
    var isFetching: Bool { true }
    var nextDeadline: Moment { brain.nextDeadline }
    func source(of id: ConnectionID) -> PeerSource? { brain.source(of: id) }
    func isUnproven(_ id: ConnectionID) -> Bool { brain.isUnproven(id) }

    func tellBrain(_ event: SwarmEvent) {
        reactor.preconditionOnReactor()
        brain.take(event, at: reactor.now)
        carryOut()
    }

    func tellBrain(_ news: SwarmNews) {
        reactor.preconditionOnReactor()
        brain.take(news, at: reactor.now)
        carryOut()
    }

    func askToKeep(_ id: ConnectionID, _ handshake: Handshake) -> Bool {
        reactor.preconditionOnReactor()
        return brain.take(.linkOpened(id, handshake), at: reactor.now).keeps(id)
    }

    func askToAccept(from endpoint: Endpoint, _ handshake: Handshake) -> ConnectionID? {
        reactor.preconditionOnReactor()
        return brain.linkAccepted(from: endpoint, handshake, at: reactor.now)
    }

    func greets(_ handshake: Handshake, from endpoint: Endpoint) -> Bool {
        brain.greets(handshake, from: endpoint)
    }

    func usesAnswers(of tracker: TrackerIndex) -> Bool { brain.usesAnswers(of: tracker) }

    func encoded(_ output: ExtensionOutput, for id: ConnectionID) -> [UInt8]? {
        brain.encoded(output, for: id, listenPort: context.listenPort)
    }

    func carryOut() {
        if brain.wantsSomething {
            let effects = brain.takeEffects()
            for effect in effects { perform(effect) }
            brain.giveBack(consume effects)
        }
        endIterationLater()
    }

    private func perform(_ effect: SwarmEffect) {
        switch effect {
        case .verifyMetadata(let assembly): verify(assembly)
        case .dropMetadata(let assembly): blocks.drop(assembly)
        case .wantMemory: memory.want()
        default: performAmongContacts(effect)
        }
    }

    func endIteration() {
        if memory.release(to: brain.memory.ofUse) { mayUse(parts: memory.held) }
        links.flush()
        brain.handOverRecording()
        armTimer()
        delegate?.sessionMoved(self)
    }

    /// A tracker is not to take it for a seeder, and nobody knows how much there is.
    var announced: AnnouncedFigures {
        AnnouncedFigures(uploaded: 0, downloaded: 0, left: Int64(MetadataMessage.blockBytes))
    }
}

extension MetadataSession: MetadataMemoryOwner {
    func mayUse(parts: Int) {
        if !isStopping { tellBrain(.mayOpen(Int32(clamping: parts))) }
    }

    func memoryIsWanted() -> Int {
        if !isStopping { tellBrain(.memoryIsWanted) }
        return brain.memory.inUse
    }
}

// What comes through the connections. Pieces cannot be asked for yet: whatever comes of them is read and dropped.
extension MetadataSession {
    /// Blocks of metadata are kept where the brain wants them, before it hears of anything else.
    func heard(_ message: MetadataMessage, _ bytes: RawSpan, from id: ConnectionID) {
        guard case .data = message else { return tellBrain(.extended(.metadata(message), from: id)) }
        reactor.preconditionOnReactor()
        let digest = SHA1.digest(of: bytes)
        if let place = brain.admit(message, digest: digest, from: id, at: reactor.now) {
            blocks.keep(bytes.array, at: place)
        }
        carryOut()
    }

    func link(_ link: PeerLink, aimBehind begun: WireBlock?, _ aim: (UnsafeMutableRawPointer, Int) -> Bool) {}

    func link(_ link: PeerLink, admit block: WireBlock) -> PayloadDestination { .discard }

    func link(_ link: PeerLink, finished block: BlockRequest) {}

    func link(_ link: PeerLink, discarded block: WireBlock) { tellBrain(.blockDiscarded(block, from: link.connection)) }

    func linkWantsBlocks(_ link: PeerLink) {}

    func link(_ link: PeerLink, sent block: BlockRequest) {}

    func link(_ link: PeerLink, keptMessagesWaiting time: Duration) {}

    func link(_ link: PeerLink, ended reason: LinkEnd) { ended(link, reason) }
}
