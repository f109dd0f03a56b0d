import HTTPService
import Synchronization
import TorrentCore
import TorrentIO
import TrackerEngine

/// What the lanes of a server share: the brain behind one lock, which is taken once for each batch of packets or HTTP
/// request, and the figures.
///
/// The kernel takes more than nine tenths of an answer's time, so lanes rarely wait for the lock.
final class SharedTracker: Sendable {
    let configuration: TrackerConfiguration
    let issuer = ConnectionIDIssuer(secret: (RandomSeed.fromSystem(), RandomSeed.fromSystem()))
    let startedAt: Moment
    let tracker: Mutex<Tracker>
    let meter: Mutex<TrafficMeter>
    /// TCP connections, as many as the system allows.
    let connections: HTTPConnectionRoom
    let catalogueWorker = CatalogueWorker()
    /// Where the catalogue is kept; nil for one in memory alone. Set before anything is published.
    let catalogueFolder = Mutex<CatalogueFolder?>(nil)
    /// The orders of lists. Locked before the tracker is, never while it is.
    let catalogueOrders = Mutex(CatalogueOrders())
    /// Lists, pages and the like that were made for those who asked, and have not left yet.
    let answersWaiting: WaitingRoom
    /// The largest swarms, and when they were looked for. Only locked while the tracker is.
    private let largest = Mutex((swarms: [TrackedSwarm](), foundAt: Moment?.none))
    private let places = Mutex(Places())
    private let hasSilentProxy = Atomic(false)

    private struct Places {
        var endpoints: [Endpoint] = []
        var announceURLs: [String] = []
        var catalogueURLs: [String] = []
    }

    /// Descriptors that are left for sockets, files and whatever else the process does.
    private static let otherDescriptors = 128

    init(_ configuration: TrackerConfiguration, lanes: Int, at now: Moment) {
        self.configuration = configuration
        startedAt = now
        var policy = configuration.policy
        policy.isListedOnly = configuration.catalogue.isListedOnly
        var tracker = Tracker(policy: policy, seed: RandomSeed.fromSystem())
        tracker.catalogue.limits = configuration.catalogue.limits
        self.tracker = Mutex(tracker)
        answersWaiting = WaitingRoom(count: .max, bytes: configuration.limits.answerBytes)
        meter = Mutex(TrafficMeter(lanes: lanes))
        let descriptors = ProcessLimits.raiseDescriptorLimit() - Self.otherDescriptors
        connections = HTTPConnectionRoom(limit: max(16, min(configuration.limits.connections, descriptors)))
    }

    /// Where the server listens.
    var endpoints: [Endpoint] {
        get { places.withLock { $0.endpoints } }
        set { places.withLock { $0.endpoints = newValue } }
    }

    /// What to put into a torrent, best first.
    var announceURLs: [String] { places.withLock { $0.announceURLs } }

    /// Where the catalogue is, best first, those of this machine alone last.
    var catalogueURLs: [String] { places.withLock { $0.catalogueURLs } }

    /// Torrents from which on the largest are looked for once a second at most, however many ask.
    private static let manyTorrents = 1_024

    func largestSwarms(_ count: Int, of tracker: inout Tracker, at now: Moment) -> [TrackedSwarm] {
        largest.withLock { largest in
            if tracker.torrentCount >= Self.manyTorrents, let foundAt = largest.foundAt, now - foundAt < .seconds(1) {
                return largest.swarms
            }
            largest = (tracker.largestSwarms(limit: count, at: now), now)
            return largest.swarms
        }
    }

    /// Reads the machine's addresses anew: they come and go.
    func lookAtInterfaces() {
        let interfaces = InterfaceAddress.all()
        let external = configuration.policy.externalAddresses
        places.withLock { places in
            places.announceURLs = AnnounceURLs.list(places.endpoints, interfaces, external: external)
            places.catalogueURLs = AnnounceURLs.catalogues(places.endpoints, interfaces, external: external)
        }
        let host = HostAddresses(
            interfaces.map { HostAddresses.Interface($0.address, prefixLength: $0.prefixLength) })
        tracker.withLock { $0.host = host }
    }

    /// Warns once that a proxy does not name its clients.
    func look(at origin: RequestOrigin) {
        guard configuration.policy.isAnonymous(origin), !hasSilentProxy.exchange(true, ordering: .relaxed) else {
            return
        }
        configuration.onWarning?(.silentProxy(origin.connection))
    }
}
