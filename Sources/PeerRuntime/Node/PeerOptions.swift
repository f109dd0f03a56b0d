package import ByteStrings
package import PeerEvents
package import SwarmEngine
package import TorrentCore

/// What `seed` and `leech` have in common, for all torrents of one process.
package struct PeerOptions: Sendable {
    /// Where to listen; port 0 means any free one, address 0.0.0.0 or :: all of both families. Nil: all addresses, the
    /// first free port from 6881 up. With one address, everything leaves by it, so that nobody learns of another, where
    /// nobody listens.
    package var listen: Endpoint?
    /// The local address for everything; nil leaves it to the system.
    package var source: IPAddress? { listen.map(\.address).flatMap { $0.isUnspecified ? nil : $0 } }
    /// Peers that the user named, tried for every torrent.
    package var peers: [PeerAddress] = []
    /// The tracker that runs in this process: every torrent is announced there, private ones only if they name it.
    package var ownTracker: OwnTracker?
    /// What trackers are told that we are called.
    package var naming = PeerNaming()
    /// Rates over all torrents, and connections of each.
    package var limits = TransferLimits(peers: 80)
    /// When a torrent is stopped that has nothing more to fetch.
    package var ends = SeedingEnds()
    /// What is done on the networks that this machine is in.
    package var lan = LocalDiscoveryOptions()
    /// Content in the folder that is not ours may be overwritten.
    package var overwrite = false
    /// How much is reported of connections.
    package var detail = PeerDetail.connections
    /// What is known of each piece is reported with the progress.
    package var showsPieces = false
    /// By which rules the brains play where there is a choice.
    package var rules = SwarmRules.ours
    /// Seeds all choices of the brains; nil takes a seed from the system.
    package var seed: UInt64?
    /// An existing folder in which each session is recorded, for `Replay`; nil: none is.
    package var recordings: ByteString?

    /// How peers are found in the DHT; nil: there is none.
    package var dht: DHTOptions?

    package init() {}

    /// What all trackers over HTTP are told that we are called; nil: nothing.
    package var name: String? {
        get { naming.name }
        set { naming = PeerNaming(name: newValue) }
    }

    /// Most connections of a torrent.
    package var maxPeers: Int {
        get { limits.peers ?? 80 }
        set { limits.peers = newValue }
    }

    /// Who may connect to private torrents: one of the rules.
    package var privateIncoming: PrivateIncoming {
        get { rules.admitsUnnamed ? .any : .tracker }
        set { rules.admitsUnnamed = newValue == .any }
    }

    /// Torrents that are complete when they begin are given as sparingly as possible until there is another seed
    /// (BEP 16).
    package var superSeeds: Bool {
        get { rules.superSeeds }
        set { rules.superSeeds = newValue }
    }

    /// Peers tell us of others, and we them (BEP 11).
    package var exchangesPeers: Bool {
        get { rules.exchangesPeers }
        set { rules.exchangesPeers = newValue }
    }
}

/// When a torrent is stopped that has nothing more to fetch: at the first of these.
package struct SeedingEnds: Sendable {
    /// When uploaded / size has reached this.
    package var ratio: Double?
    /// When it has been complete for so long.
    package var time: Duration?
    /// As soon as it is complete.
    package var whenDone = false

    package init() {}
}

/// Who may connect to a private torrent; whom it connects to itself is not a matter of choice (BEP 27).
package enum PrivateIncoming: String, CaseIterable, Sendable {
    /// Whoever knows it by its info hash, as with most programs.
    case any
    /// Who comes from an address that its tracker, or its user, has named.
    case tracker
}

/// A host that has yet to be looked up, and a port.
package struct PeerAddress: Hashable, Sendable {
    package let host: String
    package let port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }
}

/// What trackers over HTTP are told that we are called.
package struct PeerNaming: Hashable, Sendable {
    /// At most `AnnounceRequest.longestName` bytes; nil: nothing.
    package var name: String?
    /// Host and port of each tracker that is told; nil: all are.
    package var onlyAt: [String]?

    package init(name: String? = nil, onlyAt: [String]? = nil) {
        self.name = name
        self.onlyAt = onlyAt
    }

    /// What the tracker at `url` is told.
    func name(at url: TrackerURL) -> String? { onlyAt?.contains(url.authority) ?? true ? name : nil }
}
