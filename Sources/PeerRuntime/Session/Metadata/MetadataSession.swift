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
    /// The metadata, with the right hash.
    struct Finding: Sendable {
        let bytes: [UInt8]
        /// It may use no peers but those of its trackers and its user (BEP 27).
        let isPrivate: Bool
        /// Why it is not kept for the next run.
        let keepingProblem: SystemError?
    }

    let link: MagnetLink
    var magnet: MagnetLink? { link }
    let context: NodeContext
    let reactor: Reactor
    weak var delegate: (any MetadataSessionDelegate)?

    var brain: MetadataBrain
    let contacts: SessionContacts
    var blocks = MetadataBlocks()
    /// The metadata, once it is there.
    private(set) var infoBytes: [UInt8]?
    /// It is announced at the tracker of this process, which the link does not name.
    private let asksOwnTracker: Bool

    var pulse = SessionPulse()
    private(set) var isStopping = false

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
        configuration.metadataLimit = ResumeStore.metadataLimit
        brain = MetadataBrain(configuration, at: reactor.now, recordings: context.recordings)
        contacts.belong(to: self)
    }

    // MARK: Life

    func start() {
        tellBrain(.start)
        context.shared.ourAddress.join(self)
        lookUpNamed()
    }

    /// Closes everything at once and tells the trackers; `done` is called when they know, or when time is up.
    func stop(within timeout: Duration, done: @escaping () -> Void) {
        guard !isStopping else { return done() }
        isStopping = true
        context.shared.ourAddress.leave(self)
        tellBrain(.stop)
        blocks.dropAll()
        closeConnections()
        armTimer()
        trackers.finish(within: timeout, done: done)
    }

    /// The brain becomes that of the torrent: nothing is heard here any more.
    func promote(_ configuration: SwarmConfiguration) -> SessionBrain {
        isStopping = true
        context.shared.ourAddress.leave(self)
        endPulse()
        blocks.dropAll()
        return brain.promoted(configuration, at: reactor.now)
    }

    /// Figures of this moment.
    var figures: MetadataFigures { brain.figures(at: reactor.now) }

    // MARK: Whole metadata

    /// All blocks are there: hashes them on a worker and, if they are right, keeps the whole beside the records.
    func verify(_ assembly: MetadataAssembly.ID) {
        let (bytes, infoHash, records) = (blocks.bytes(of: assembly), link.infoHash, context.records)
        let reply = reactor.reply { [weak self] (finding: Finding?) in self?.verified(assembly, finding) }
        context.readers.perform(reply: reply) {
            guard InfoHash(bytes.withBytes { SHA1.digest(of: $0) }.bytes) == infoHash else { return nil }
            var problem: SystemError?
            // What is no torrent is of no use to the next run either.
            let metainfo = try? Metainfo(infoBytes: bytes)
            if metainfo != nil {
                do throws(SystemError) { try records.saveMetadata(bytes, of: infoHash) } catch { problem = error }
            }
            return Finding(bytes: bytes, isPrivate: metainfo?.isPrivate ?? false, keepingProblem: problem)
        }
    }

    private func verified(_ assembly: MetadataAssembly.ID, _ finding: Finding?) {
        // Two may have been hashed at once, and both be right.
        guard !isStopping, infoBytes == nil else { return }
        blocks.drop(assembly)
        guard let finding else {
            brain.assemblyRejected(assembly, at: reactor.now)
            return carryOut()
        }
        infoBytes = finding.bytes
        if finding.isPrivate { lookups.leaveLinks() }
        if finding.isPrivate, asksOwnTracker {
            trackers.giveUp(TrackerIndex(0))
            notice("tracker_private", "the torrent is private, and does not name the tracker here: it leaves it")
        }
        brain.assemblyVerified(assembly, isPrivate: finding.isPrivate, at: reactor.now)
        carryOut()
        delegate?.session(self, found: finding)
    }
}

extension MetadataSession: SessionPartOwner {
    func notice(_ code: String, _ text: String, isDetail: Bool) {
        delegate?.session(self, notice: PeerNotice(code: code, text: text, isDetail: isDetail))
    }
}
