import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// A torrent of which only a magnet link is known: its brain fetches the metadata from peers (BEP 9), and this wires it
/// to them and to trackers.
///
/// It keeps the bytes that come, hashes them, and hands over to a `SwarmSession` when the metadata is there and the
/// content has been checked: until then it holds the connections.
// @unchecked: confined to `reactor`; named in jobs of other threads only to get back there.
final class MetadataSession: @unchecked Sendable {
    /// Bytes with the right hash, and what they say.
    struct Finding: Sendable {
        let bytes: [UInt8]
        let metainfo: Result<Metainfo, MetainfoError>

        /// Nil if the hash is another one.
        init?(_ whole: MetadataBlocks.Whole, of source: TorrentSource) {
            let bytes = whole.joined()
            guard InfoHash(bytes.withBytes { SHA1.digest(of: $0) }.bytes) == source.infoHash else { return nil }
            self.bytes = bytes
            metainfo = Result { () throws(MetainfoError) in try source.metainfo(of: bytes) }
        }
    }

    let link: MagnetLink
    var magnet: MagnetLink? { link }
    /// Nobody knows yet.
    var isPrivate: Bool { false }
    let context: NodeContext
    let reactor: Reactor
    weak var delegate: (any MetadataSessionDelegate)?

    var brain: MetadataBrain
    let contacts: SessionContacts
    var blocks = MetadataBlocks()
    let memory: MetadataMemory
    /// The metadata, once it is there.
    private(set) var infoBytes: [UInt8]?
    /// It is announced at the tracker of this process, which the link does not name.
    private let asksOwnTracker: Bool

    var pulse = SessionPulse()
    private(set) var isStopping = false
    /// With workers, and what waits until there are none.
    private var hashing = (count: 0, then: [() -> Void]())

    init(_ link: MagnetLink, context: NodeContext, reactor: Reactor, seed: UInt64) {
        self.link = link
        self.context = context
        self.reactor = reactor
        var generator = SplitMix64(seed: seed)
        // Whether it is private is not known yet: it is as if it were not.
        let trackers = TrackerTiers(link.trackerTiers, isPrivate: false, ownTracker: context.options.ownTracker)
        let tiers = trackers.tiers
        asksOwnTracker = trackers.startWithOwnTracker
        contacts = SessionContacts(
            of: link.infoHash, tiers: tiers, reader: MessageReader(longestBitfield: EarlyMessages.longestBitfield),
            context, reactor, using: &generator)
        var configuration = MetadataConfiguration(
            infoHash: link.infoHash, ourID: context.peerID, seed: generator.next())
        configuration.trackerTiers = tiers.map(\.count)
        configuration.asksOwnTracker = asksOwnTracker
        configuration.listenPort = context.listenPort
        configuration.interfaces = context.interfaces
        configuration.admitsUnnamed = context.options.rules.admitsUnnamed
        configuration.exchangesPeers = context.options.rules.exchangesPeers
        configuration.limits.connections = context.options.maxPeers
        brain = MetadataBrain(configuration, at: reactor.now, recordings: context.recordings)
        memory = MetadataMemory(context.shared.metadata, reactor)
        memory.owner = self
        contacts.belong(to: self)
    }

    // MARK: Life

    func start() {
        memory.begin()
        tellBrain(.mayOpen(0))
        tellBrain(.start)
        context.shared.ourAddress.join(self)
        lookUpNamed()
        dht.begin()
    }

    /// Closes everything at once and tells the trackers; `done` is called when they know, or when time is up. What is
    /// being hashed is waited for: it may be what was looked for.
    func stop(within timeout: Duration, done: @escaping () -> Void) {
        guard !isStopping else { return done() }
        isStopping = true
        context.shared.ourAddress.leave(self)
        tellBrain(.stop)
        dht.end()
        blocks.dropAll()
        memory.end()
        closeConnections()
        armTimer()
        trackers.finish(within: timeout) { [self] in whenHashed(done) }
    }

    /// The brain becomes that of the torrent: nothing is heard here any more.
    func promote(_ configuration: SwarmConfiguration) -> SessionBrain {
        isStopping = true
        context.shared.ourAddress.leave(self)
        endPulse()
        blocks.dropAll()
        memory.end()
        return brain.promoted(configuration, at: reactor.now)
    }

    /// Figures of this moment.
    var figures: MetadataFigures { brain.figures(at: reactor.now) }

    // MARK: Whole metadata

    /// What takes less time than waking a worker does.
    private static let quicklyHashed = 4 * MetadataMessage.blockBytes

    /// All blocks are there: a worker puts them together, hashes them, and reads what they say.
    func verify(_ assembly: MetadataAssembly.ID) {
        let (whole, source) = (blocks.take(assembly), TorrentSource(link))
        hashing.count += 1
        guard whole.byteCount > Self.quicklyHashed else {
            return reactor.performLater { [self] in hashed(assembly, Finding(whole, of: source)) }
        }
        let reply = reactor.reply { [self] (finding: Finding?) in hashed(assembly, finding) }
        context.readers.perform(reply: reply) { Finding(whole, of: source) }
    }

    private func hashed(_ assembly: MetadataAssembly.ID, _ finding: Finding?) {
        hashing.count -= 1
        verified(assembly, finding)
        guard hashing.count == 0 else { return }
        let waiting = hashing.then
        hashing.then = []
        for body in waiting { body() }
    }

    private func whenHashed(_ body: @escaping () -> Void) {
        if hashing.count == 0 { body() } else { hashing.then.append(body) }
    }

    private func verified(_ assembly: MetadataAssembly.ID, _ finding: Finding?) {
        // Two may have been hashed at once, and both be right; and another session may have taken over.
        guard infoBytes == nil else { return }
        infoBytes = finding?.bytes
        if !isStopping {
            if let finding {
                let isPrivate = (try? finding.metainfo.get())?.isPrivate ?? false
                if isPrivate { becamePrivate() }
                brain.assemblyVerified(assembly, isPrivate: isPrivate, at: reactor.now)
            } else {
                brain.assemblyRejected(assembly, at: reactor.now)
            }
            carryOut()
        }
        if let finding { delegate?.session(self, found: finding) }
    }

    /// Whom a link names, and the tracker here, are none of its peers and trackers, and the DHT is none of its business
    /// (BEP 27).
    private func becamePrivate() {
        contacts.becamePrivate()
        lookups.leaveLinks()
        guard asksOwnTracker else { return }
        trackers.giveUp(TrackerIndex(0))
        notice("tracker_private", "the torrent is private, and does not name the tracker here: it leaves it")
    }
}

extension MetadataSession: SessionPartOwner {
    func notice(_ code: String, _ text: String, isDetail: Bool) {
        delegate?.session(self, notice: PeerNotice(code: code, text: text, isDetail: isDetail))
    }
}
