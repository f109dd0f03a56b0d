import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// A torrent at work: its brain, wired to links, buffers, disk and trackers.
///
/// It has the reactor's iterations, and says which part hears of what, in which order; what there is to remember, its
/// parts do. They do not know each other. Every event comes in as one call of `tellBrain`, which then carries out the
/// effects; that never calls the brain. What is to be written is flushed once, at the end of the iteration.
// @unchecked: confined to `reactor`; named in jobs of other threads only to get back there.
final class SwarmSession: @unchecked Sendable {
    let content: TorrentContent
    /// What led to the torrent, if that was a link.
    let magnet: MagnetLink?
    let context: NodeContext
    let reactor: Reactor
    weak var delegate: (any SwarmSessionDelegate)?

    var brain: SessionBrain
    let contacts: SessionContacts
    let pieces: PieceIntake
    let serving: BlockServing

    var pulse = SessionPulse()
    private(set) var isStopping = false
    /// No session before it has looked anybody up.
    private let isNew: Bool
    private var hasStarted = false

    /// `before` has fetched the metadata: then it goes on with its connections and its brain.
    init(
        _ content: TorrentContent, have: Bitfield, fetches: Bool, magnet: MagnetLink? = nil, context: NodeContext,
        reactor: Reactor, seed: UInt64, after before: MetadataSession? = nil
    ) {
        self.content = content
        // Nobody whom a link names is a peer of a private torrent, so nobody is looked up for it.
        self.magnet = content.metainfo.isPrivate ? nil : magnet
        self.context = context
        self.reactor = reactor
        let reader = MessageReader(pieceCount: content.geometry.pieceCount)
        var generator = SplitMix64(seed: seed)
        contacts =
            before?.contacts
            ?? SessionContacts(
                of: content.metainfo.infoHash, tiers: content.trackers.tiers, reader: reader, context, reactor,
                using: &generator)
        pieces = PieceIntake(content, context, reactor)
        serving = BlockServing(content, context, reactor)
        var configuration = SwarmConfiguration(
            geometry: content.geometry, infoHash: content.metainfo.infoHash, ourID: context.peerID, have: have,
            seed: generator.next())
        configuration.isPrivate = content.metainfo.isPrivate
        configuration.metadataBytes = content.metainfo.infoBytes.count
        configuration.listenPort = context.listenPort
        // Who took over from another knows them from there.
        if before == nil { configuration.interfaces = context.interfaces }
        configuration.fetchesMissing = fetches
        configuration.rules = context.options.rules
        configuration.limits.connections = context.options.maxPeers
        configuration.limits.openBytes = context.bufferBudget
        configuration.trackerTiers = content.trackers.tiers.map(\.count)
        if let before {
            brain = before.promote(configuration)
        } else {
            brain = SessionBrain(configuration, at: reactor.now, recordings: context.recordings)
        }
        isNew = before == nil
        contacts.move(to: self, reader: reader)
        if content.metainfo.isPrivate { contacts.becamePrivate() }
        pieces.owner = self
        serving.owner = self
    }

    var isPrivate: Bool { content.metainfo.isPrivate }

    // MARK: Iterations

    func endIteration() {
        pieces.endIteration()
        links.flush()
        brain.handOverRecording()
        armTimer()
        delegate?.sessionMoved(self)
    }

    // MARK: Life

    func start() {
        guard !hasStarted else { return }
        hasStarted = true
        if brain.swarm.isFetching {
            pieces.begin()
            tellBrain(.mayOpen(0))
        }
        tellBrain(.start)
        context.shared.ourAddress.join(self)
        if brain.swarm.isComplete { delegate?.sessionCompleted(self) }
        if isNew { lookUpNamed() }
        if !content.metainfo.isPrivate {
            dht.begin(content.metainfo.nodes.map { PeerAddress(host: $0.host, port: $0.port) })
        }
    }

    /// Closes everything at once and tells the trackers; `done` is called when they know, or when time is up.
    func stop(within timeout: Duration, done: @escaping () -> Void) {
        guard !isStopping else { return done() }
        isStopping = true
        context.shared.ourAddress.leave(self)
        tellBrain(.stop)
        dht.end()
        pieces.storeUnwritten()
        closeConnections()
        pieces.forgetOpen()
        armTimer()
        trackers.finish(within: timeout, done: done)
    }

    /// Calls `body` when no piece is with the workers any more.
    func whenStored(_ body: @escaping () -> Void) { pieces.whenStored(body) }

    /// Verified and stored.
    var have: Bitfield { brain.swarm.have }

    /// Its pieces are hidden by the wish of people (BEP 16).
    var isSuperSeeding: Bool { brain.swarm.isSuperSeeding }

    var infoBytes: [UInt8]? { content.metainfo.infoBytes }

    /// Figures of this moment.
    var figures: SwarmFigures { brain.swarm.figures(at: reactor.now) }
}
