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
    let context: NodeContext
    let reactor: Reactor
    weak var delegate: (any SwarmSessionDelegate)?

    var brain: SessionBrain
    let links: SessionLinks
    let neighbours: Neighbours
    let lookups: PeerLookups
    let pieces: PieceIntake
    let serving: BlockServing
    let trackers: TrackerAnnounces

    private var endsIteration = false
    private var timer: (moment: Moment, id: TimerID)?
    private(set) var isStopping = false

    init(
        _ content: TorrentContent, have: Bitfield, fetches: Bool, context: NodeContext, reactor: Reactor, seed: UInt64
    ) {
        self.content = content
        self.context = context
        self.reactor = reactor
        var generator = SplitMix64(seed: seed)
        trackers = TrackerAnnounces(content, context, reactor, using: &generator)
        links = SessionLinks(content, context, reactor)
        neighbours = Neighbours(of: content.metainfo.infoHash, context)
        lookups = PeerLookups(context.resolver, reactor)
        pieces = PieceIntake(content, context, reactor)
        serving = BlockServing(content, context, reactor)
        var configuration = SwarmConfiguration(
            geometry: content.geometry, infoHash: content.metainfo.infoHash, ourID: context.peerID, have: have,
            seed: generator.next())
        configuration.isPrivate = content.metainfo.isPrivate
        configuration.metadataBytes = content.metainfo.infoBytes.count
        configuration.listenPort = context.listenPort
        configuration.interfaces = Array(InterfaceAddress.all().prefix(Self.mostInterfaces))
        configuration.fetchesMissing = fetches
        configuration.rules = context.options.rules
        configuration.limits.connections = context.options.maxPeers
        configuration.limits.openBytes = context.bufferBudget
        configuration.trackerTiers = content.trackerTiers.map(\.count)
        brain = SessionBrain(configuration, at: reactor.now, recordings: context.recordings)
        trackers.owner = self
        neighbours.owner = self
        lookups.owner = self
        pieces.owner = self
        serving.owner = self
    }

    /// Addresses of this machine that the brain is told: a host of containers may have thousands.
    private static let mostInterfaces = 64

    // MARK: Iterations

    func endIterationLater() {
        guard !endsIteration else { return }
        endsIteration = true
        reactor.atEndOfIteration { [weak self] in self?.endIteration() }
    }

    private func endIteration() {
        endsIteration = false
        pieces.endIteration()
        links.flush()
        brain.handOverRecording()
        armTimer()
        delegate?.sessionMoved(self)
    }

    private func armTimer() {
        let next = brain.swarm.nextDeadline
        guard timer?.moment != next else { return }
        if let timer { reactor.cancel(timer.id) }
        timer = nil
        guard next != .distantFuture, !isStopping else { return }
        let id = reactor.setTimer(at: next) { [weak self] in
            guard let self else { return }
            timer = nil
            tellBrain(.deadlineReached)
        }
        timer = (next, id)
    }

    // MARK: Life

    func start() {
        if brain.swarm.isFetching {
            pieces.begin()
            tellBrain(.mayOpen(0))
        }
        tellBrain(.start)
        context.shared.ourAddress.join(self)
        if brain.swarm.isComplete { delegate?.sessionCompleted(self) }
        for peer in context.options.peers { lookups.lookUp(peer.host, peer.port, from: .user) }
    }

    /// Closes everything at once and tells the trackers; `done` is called when they know, or when time is up.
    func stop(within timeout: Duration, done: @escaping () -> Void) {
        guard !isStopping else { return done() }
        isStopping = true
        context.shared.ourAddress.leave(self)
        tellBrain(.stop)
        pieces.storeUnwritten()
        links.closeAll()
        neighbours.forgetAll()
        pieces.forgetOpen()
        armTimer()
        trackers.finish(within: timeout, done: done)
    }

    /// Calls `body` when no piece is with the workers any more.
    func whenStored(_ body: @escaping () -> Void) { pieces.whenStored(body) }

    /// Verified and stored.
    var have: Bitfield { brain.swarm.have }

    /// Figures of this moment.
    var figures: SwarmFigures { brain.swarm.figures(at: reactor.now) }
}
