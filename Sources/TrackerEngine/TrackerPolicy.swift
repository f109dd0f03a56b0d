package import TorrentCore

/// What a tracker asks of its peers, how much it gives, and named bounds on what strangers can make grow.
package struct TrackerPolicy: Sendable, Hashable {
    /// How long a peer is asked to wait before it announces again. Up to an eighth is added at random, so that peers
    /// that came together do not come back together.
    package var interval: Duration = .seconds(900)
    /// How long it must wait at least.
    package var minInterval: Duration = .seconds(60)
    /// Peers in an answer if the asker does not say how many it wants.
    package var peersByDefault = 50
    /// Peers in an answer, however many the asker wants.
    package var peersAtMost = 200
    package var limits = TrackerLimits()
    /// Torrents that are not in the catalogue are refused.
    package var isListedOnly = false
    /// Proxies that are believed about where a request comes from.
    package var trustedProxies: [IPAddress] = []
    /// What the world calls the private networks around the tracker, one address of a family: their router forwards the
    /// ports of their peers.
    package var externalAddresses: [IPAddress] = []

    package init() {}

    /// A peer that was silent for so long has gone: it has missed two announces and a bit.
    package var peerLifetime: Duration { interval * 2 + interval / 4 + .seconds(60) }

    /// The same in minutes, as the tables store it, and no longer than they can tell.
    var lifetimeMinutes: Int { Int(min(max(0, peerLifetime.components.seconds / 60), Int64(Minute.longestLifetime))) }

    /// Where a peer is, as far as the tracker believes it: the address of the connection; what a trusted proxy says in
    /// `X-Forwarded-For`; or an `ip` of the request, if it comes from this machine, a private network or a proxy.
    package func address(of request: AnnounceRequest, from origin: RequestOrigin) -> IPAddress {
        guard let claimed = request.address, believes(origin), !claimed.isUnspecified, !claimed.isMulticast else {
            return source(of: origin)
        }
        return claimed
    }

    /// Who sent the request, before anything that it says of itself.
    package func source(of origin: RequestOrigin) -> IPAddress {
        guard !trustedProxies.isEmpty, trustedProxies.contains(origin.connection) else { return origin.connection }
        return origin.forwardedFor ?? origin.connection
    }

    /// Whether nobody knows whose request it is: a proxy that does not say for whom it speaks.
    package func isAnonymous(_ origin: RequestOrigin) -> Bool {
        // A packet has no proxy.
        !trustedProxies.isEmpty && origin.forwardedFor == nil && origin.packetBytes == nil
            && trustedProxies.contains(origin.connection)
    }

    /// Whether addresses in the request are taken: `ip` of BEP 3, `ipv4` and `ipv6` of BEP 7. Behind a proxy that names
    /// the client, the client must be near.
    package func believes(_ origin: RequestOrigin) -> Bool {
        guard !origin.isObscure else { return false }
        let source = source(of: origin)
        return source.isLoopback || source.isPrivate || isAnonymous(origin)
    }
}

/// Named bounds of a tracker.
package struct TrackerLimits: Sendable, Hashable {
    /// Torrents that are remembered; a further one is refused.
    package var torrents = 2_000_000
    /// All torrents together.
    package var peers = 20_000_000
    /// How long a torrent without peers is remembered for its count of downloads once there are more than a quarter of
    /// `torrents`; a week at the most. Up to there it is remembered for good, and beyond half not at all.
    package var emptyTorrentLifetime: Duration = .seconds(7 * 86_400)
    /// Bytes of a registered name.
    package var nameBytes = 255

    package init() {}

    /// Minutes for which a torrent without peers is remembered when there are `count` torrents; nil is for good. A
    /// stranger could fill the table with torrents that have one download and no peer; those make room first.
    func memory(with count: Int) -> Int? {
        guard count > torrents / 4 else { return nil }
        let minutes = max(0, emptyTorrentLifetime.components.seconds / 60)
        return count > torrents / 2 ? 0 : Int(min(minutes, Int64(Minute.longAgo)))
    }
}

/// Where a request came from.
package struct RequestOrigin: Sendable, Hashable, BitwiseCopyable {
    /// The other end of the connection, or who sent the packet.
    package var connection: IPAddress
    /// The client that a proxy names.
    package var forwardedFor: IPAddress?
    /// A proxy speaks for somebody, and nobody can read for whom: then nothing is believed.
    package var isObscure = false
    /// Set for UDP: the answer has room for so many bytes of peers, of one family alone (BEP 15); nil for HTTP.
    package var packetBytes: Int?

    package init(
        connection: IPAddress, forwardedFor: IPAddress? = nil, isObscure: Bool = false, packetBytes: Int? = nil
    ) {
        self.connection = connection
        self.forwardedFor = forwardedFor
        self.isObscure = isObscure
        self.packetBytes = packetBytes
    }
}
