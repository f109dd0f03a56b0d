import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// What the two sessions of a torrent have in common, the one that fetches its metadata and the one that moves its
/// content: contacts, and a brain that is told of all that they bring.
///
/// Every event comes in as one call of `tellBrain`, which then carries out the effects; that never calls the brain.
/// What is to be written is flushed once, at the end of the iteration.
protocol PeerSession: SessionLinksOwner, PeerLookupsOwner, TrackerAnnouncesOwner, DHTSearchOwner, OurAddressListener {
    var context: NodeContext { get }
    var reactor: Reactor { get }
    /// What led to the torrent, if that was a link.
    var magnet: MagnetLink? { get }
    /// Its metainfo is known and says so (BEP 27).
    var isPrivate: Bool { get }
    var contacts: SessionContacts { get }
    var pulse: SessionPulse { get set }

    // MARK: Its brain

    /// It has begun, and has not stopped.
    var isRunning: Bool { get }
    /// There is something that it wants of others.
    var isFetching: Bool { get }
    var nextDeadline: Moment { get }
    /// How the peer of this connection, made or being made, became known.
    func source(of id: ConnectionID) -> PeerSource?
    /// Nobody vouches for the address to which this connection is made, and it has not answered yet.
    func isUnproven(_ id: ConnectionID) -> Bool
    /// Tells the brain one thing that happened, and does what it wants done.
    func tellBrain(_ event: SwarmEvent)
    /// The same of what brings more than fits into registers.
    func tellBrain(_ news: SwarmNews)
    /// Hands have been shaken over a connection that we made: false if the brain does not want it after all.
    /// `carryOut` must follow.
    func askToKeep(_ id: ConnectionID, _ handshake: Handshake) -> Bool
    /// Who this is from now on; nil if the brain does not want it. `carryOut` must follow.
    func askToAccept(from endpoint: Endpoint, _ handshake: Handshake) -> ConnectionID?
    /// Whether one whom it does not want shall hear that we are here.
    func greets(_ handshake: Handshake, from endpoint: Endpoint) -> Bool
    /// Whether it has use for what this tracker told.
    func usesAnswers(of tracker: TrackerIndex) -> Bool
    func carryOut()
    /// The bytes of a `.sendExtension`, as they are now; nil where there is nobody to send them to.
    func encoded(_ output: ExtensionOutput, for id: ConnectionID) -> [UInt8]?
    /// The info dictionary, if it is known.
    var infoBytes: [UInt8]? { get }
    /// A peer has said something about metadata (BEP 9). `bytes` are those of the block that it sends, lent for the
    /// call.
    func heard(_ message: MetadataMessage, _ bytes: RawSpan, from id: ConnectionID)
    /// The peer that has everything once the brain has been told this; nil if it is none, or was one before.
    func completes(_ id: ConnectionID, by message: PeerMessage) -> PeerID?
    /// The same of a bitfield.
    func completes(_ id: ConnectionID, byBitfield bytes: RawSpan) -> PeerID?
    /// Called once an iteration in which something happened, when all of it has.
    func endIteration()
}

extension PeerSession {
    var links: SessionLinks { contacts.links }
    var neighbours: Neighbours { contacts.neighbours }
    var lookups: PeerLookups { contacts.lookups }
    var trackers: TrackerAnnounces { contacts.trackers }
    var dht: DHTSearch { contacts.dht }

    func outlookChanged() { endIterationLater() }

    var isShortOfPeers: Bool { links.established.count < DHTSearch.fewPeers }

    /// Looks up whom the user named, and whom the magnet link does.
    func lookUpNamed() {
        for peer in context.options.peers { lookups.lookUp(peer.host, peer.port, from: .user) }
        for peer in magnet?.namedPeers ?? [] { lookups.lookUp(peer.host, peer.port, from: .link) }
    }

    func closeConnections() {
        links.closeAll()
        neighbours.forgetAll()
    }
}

// Where nobody is connected there is a reason for it.
extension PeerSession {
    /// Why nobody is, of whom something is wanted.
    func loneliness(connecting: Int, known: Int, outOfReach: Int) -> Standstill {
        if known > 0, outOfReach == known { return neighbours.ownTrouble?.isWithoutWay == false ? .noRoom : .noWay }
        if connecting > 0 || lookups.underWay > 0 { return .looking }
        if known > 0 { return shortStay == nil ? .nobodyReached : .nobodyStays }
        if hasNobodyToAsk { return .nobodyToAsk }
        if trackers.isEmpty, let standstill = dht.standstill { return standstill }
        if trackers.isEmpty { return whyNobodyHasTold }
        if trackers.hasAnswer { return .nobodyKnown }
        return trackers.isFailing ? .noAnswer : .looking
    }

    /// There is neither a tracker nor the DHT: those who were named have been tried, and who is near could have told.
    private var whyNobodyHasTold: Standstill {
        guard isRunning, !isLookedForNearby || nearbyPatience <= .zero else { return .looking }
        return hasNamedPeers ? .nobodyReached : .nobodyNear
    }

    /// There is no tracker that can be asked, no peer was named, the DHT is not there for it, and nobody on the local
    /// network is asked.
    var hasNobodyToAsk: Bool { isLeftToItsNetwork && !isLookedForNearby }

    /// The same, but for those who are near.
    private var isLeftToItsNetwork: Bool { trackers.isEmpty && !hasNamedPeers && !dht.isPossible }

    private var hasNamedPeers: Bool { !context.options.peers.isEmpty || magnet?.namedPeers.isEmpty == false }

    /// Whoever has it on the local network hears of us (BEP 14), as far as that can be heard at all.
    var isLookedForNearby: Bool { context.localDiscovery?.isHeard == true && !isPrivate }

    /// Nobody but those who are near could know of it, and for a while none of them has come.
    var isKnownNearbyAlone: Bool { isLeftToItsNetwork && isLookedForNearby && nearbyPatience <= .zero }

    /// How much longer those who are near have until it is said that none of them has told of it.
    var nearbyPatience: Duration { contacts.beganAt + LocalDiscovery.patience - reactor.now }

    /// Seconds until a tracker is asked again, or the DHT if there is none.
    func nextQuestion(_ announce: Moment?, at now: Moment) -> Double? {
        (announce ?? (isFetching ? dht.asksAgainAt : nil)).map { max(0, ($0 - now).inSeconds.rounded()) }
    }

    /// The last peer that was reached and did not stay, if none has stayed since.
    var shortStay: ShortStay? { neighbours.shortStay }
}

/// What every part of a session may ask of it.
protocol SessionPartOwner: AnyObject {
    /// What fails from now on matters to nobody.
    var isStopping: Bool { get }
    /// `isDetail`: for those only who asked for more.
    func notice(_ code: String, _ text: String, isDetail: Bool)
    /// Whether a peer may ask for blocks, and how many bytes a second it sends; nil where nobody is given any.
    func standing(of id: ConnectionID) -> (standing: UplinkStanding, gives: Double)?
}

extension SessionPartOwner {
    func standing(of id: ConnectionID) -> (standing: UplinkStanding, gives: Double)? { nil }

    func notice(_ code: String, _ text: String) { notice(code, text, isDetail: false) }
}
