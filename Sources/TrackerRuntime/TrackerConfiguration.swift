package import ByteStrings
package import HTTPService
package import TorrentCore
package import TrackerEngine

/// Everything a tracker server is told before it starts.
package struct TrackerConfiguration: Sendable {
    /// Whether this may be an external address: one by which the world can reach somebody.
    package static func isOfTheWorld(_ address: IPAddress) -> Bool { address.isOfTheWorld }

    /// For TCP and UDP on every address; 0 lets the system pick one that is free for all of them.
    package var port: UInt16 = 6_969
    /// Where to listen; empty means everywhere, IPv4 and IPv6.
    package var addresses: [IPAddress] = []
    /// How many reactors answer, each on sockets of its own; the system spreads what comes over them.
    package var lanes = 1
    package var policy = TrackerPolicy()
    package var limits = TrackerServerLimits()
    /// The torrents that it offers.
    package var catalogue = CatalogueConfiguration()
    /// Keeps the swarms over a restart; nil keeps them in memory alone.
    package var stateFile: ByteString?
    /// How often the state is written.
    package var stateInterval: Duration = .seconds(120)
    /// Hears of each request, on the server's thread; nil costs nothing.
    package var onRequest: (@Sendable (TrackerRequestLog) -> Void)?
    /// Called when something goes wrong that does not end the server.
    package var onWarning: (@Sendable (TrackerWarning) -> Void)?

    package init() {}

    /// How long a peer is asked to wait between announces.
    package var interval: Duration {
        get { policy.interval }
        set { policy.interval = newValue }
    }

    /// Proxies whose `X-Forwarded-For` is taken.
    package var trustedProxies: [IPAddress] {
        get { policy.trustedProxies }
        set { policy.trustedProxies = newValue }
    }

    /// The public addresses of the private networks around the tracker, one of each family.
    package var externalAddresses: [IPAddress] {
        get { policy.externalAddresses }
        set { policy.externalAddresses = newValue }
    }
}

/// Named bounds on what clients can make the server spend.
package struct TrackerServerLimits: Sendable, Hashable {
    /// What one connection may take.
    package var http = HTTPServerLimits()
    /// TCP connections at once; fewer if the system gives fewer descriptors.
    package var connections = 20_000
    /// Bytes of lists and pages that were made for readers who are slow to take them, over all connections. Those of
    /// one piece of a stream do not count.
    package var answerBytes = 64 << 20
    /// Torrents on the page and in the statistics.
    package var listedTorrents = 100

    package init() {}
}

/// One request, for logging.
package struct TrackerRequestLog: Sendable {
    /// How it came.
    package enum Transport: String, Sendable { case http, udp }
    /// What was asked, and the answer.
    package enum Outcome: Sendable {
        /// How many peers the answer names.
        case announce(AnnounceRequest, peers: Int)
        /// How many torrents the answer tells of (BEP 48).
        case scrape(torrents: Int)
        /// A page, by its path, which is untrusted.
        case page(path: ByteString, status: Int)
        /// The reason that the client was told.
        case refused(String)
    }

    package var transport: Transport
    /// Who asked: behind a proxy that is trusted, whom it names.
    package var source: IPAddress
    package var outcome: Outcome
}

/// Something a person should know, although the server goes on.
package enum TrackerWarning: Sendable {
    /// The state is damaged; it was moved to another name, and the tracker starts empty.
    case stateDamaged(path: ByteString, reason: String, keptAs: ByteString)
    /// Not all of it could be taken in, or the next write changes its form: there is a copy.
    case stateIsOld(path: ByteString, StateLoss, keptAs: ByteString)
    /// The state has no bytes, and the tracker starts empty.
    case stateEmpty(path: ByteString)
    /// The clock must be wrong, so the age of the state is unknown: it is taken as new.
    case stateTimeUnknown(path: ByteString)
    /// The last state stays as it was, and the next interval tries again.
    case stateNotWritten(path: ByteString, reason: String, isDiskFull: Bool)
    /// Torrents that could not be read, or have no room; they stay where they are, and are not listed.
    case catalogueNotRead(path: ByteString, count: Int, first: ByteString)
    /// Files that are none of ours; they stay as they are.
    case catalogueForeign(path: ByteString, count: Int, first: ByteString)
    /// A torrent is listed no more, but still lies there.
    case catalogueNotWritten(path: ByteString, reason: String)
    /// No more connections can be taken until others end.
    case outOfDescriptors
    /// A trusted proxy does not say who its clients are, so nobody is told of them.
    case silentProxy(IPAddress)
}

/// What of a state the tracker did not take over.
package enum StateLoss: Sendable, Hashable {
    /// Peers that all expired while the tracker did not run.
    case silent(peers: Int, rest: Duration)
    /// Torrents and peers beyond the limits.
    case refused(Int)
    /// Only the format, which is that of an earlier version.
    case version
}

/// Why a server could not start.
package enum TrackerServerError: Error, Sendable, Equatable {
    /// Another program listens there.
    case portTaken(Endpoint)
    /// Most often the address is none of this machine, or the port needs a right that we lack.
    case cannotListen(Endpoint, reason: String)
    /// The system will not wait on sockets for us: memory or descriptors ran out.
    case cannotStart(reason: String)
    /// No state can be kept there. Nothing was changed.
    case stateUnusable(path: ByteString, reason: String, isDiskFull: Bool)
}
