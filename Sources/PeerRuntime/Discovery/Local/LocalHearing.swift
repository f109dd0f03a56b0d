import TorrentCore

/// Whom we have heard on the local network (BEP 14), and what is let pass of it: anybody there may say what he likes,
/// as often as he likes, and under many addresses. A pure value.
struct LocalHearing {
    private var sources: [IPAddress: Allowance] = [:]
    /// When each was told last.
    private var peers: [InfoHash: [Endpoint: Moment]] = [:]
    private var peerCount = 0
    private var nextSweep = Moment.zero
    private var nextSweepOfSources = Moment.zero

    /// Datagrams of one address, a second in the long run and at once: some clients name a torrent a packet.
    static let mostASecond = 4
    /// See `mostASecond`.
    static let mostAtOnce = 60
    /// Addresses whose datagrams are counted.
    static let mostSources = 256
    /// Peers of a torrent that are remembered, so that they are not told again at once.
    static let mostPeers = 32
    /// Of those, with one address.
    static let mostPeersAtOneAddress = 8
    /// Of all torrents together.
    static let mostPeersInAll = 4_096
    /// So long one is remembered.
    static let memory = Duration.seconds(300)
    /// One that says the same again is told again after this.
    static let pause = Duration.seconds(60)
    /// Between two searches for what can be forgotten.
    private static let sweepPause = Duration.seconds(10)
    /// The same for addresses.
    private static let sweepPauseOfSources = Duration.seconds(1)

    /// Whether a datagram from there is looked at.
    mutating func listens(to sender: IPAddress, at now: Moment) -> Bool {
        if sources[sender] == nil, sources.count >= Self.mostSources {
            // Many addresses, each heard once, are not to cost a search each.
            guard now >= nextSweepOfSources else { return false }
            nextSweepOfSources = now + Self.sweepPauseOfSources
            sources = sources.filter { !$0.value.isWhole(at: now) }
            guard sources.count < Self.mostSources else { return false }
        }
        let whole = Allowance(aSecond: Self.mostASecond, atOnce: Self.mostAtOnce)
        return sources[sender, default: whole].take(at: now)
    }

    /// Somebody is there for this torrent, which is ours: true if that is to be told.
    mutating func hears(_ peer: Endpoint, of infoHash: InfoHash, at now: Moment) -> Bool {
        if let told = peers[infoHash]?[peer] {
            guard now - told >= Self.pause else { return false }
            peers[infoHash]?[peer] = now
            return true
        }
        if !hasRoom(for: peer, of: infoHash) {
            forgetOld(at: now)
            guard hasRoom(for: peer, of: infoHash) else { return false }
        }
        peers[infoHash, default: [:]][peer] = now
        peerCount += 1
        return true
    }

    private func hasRoom(for peer: Endpoint, of infoHash: InfoHash) -> Bool {
        guard peerCount < Self.mostPeersInAll else { return false }
        guard let known = peers[infoHash] else { return true }
        return known.count < Self.mostPeers
            && known.keys.count { $0.address == peer.address } < Self.mostPeersAtOneAddress
    }

    private mutating func forgetOld(at now: Moment) {
        guard now >= nextSweep else { return }
        nextSweep = now + Self.sweepPause
        peers = peers.mapValues { $0.filter { now - $0.value < Self.memory } }.filter { !$0.value.isEmpty }
        peerCount = peers.values.reduce(0) { $0 + $1.count }
    }

    /// The torrent is not ours any more.
    mutating func forget(_ infoHash: InfoHash) {
        peerCount -= peers.removeValue(forKey: infoHash)?.count ?? 0
    }

    /// Peers that are remembered, for tests.
    var remembered: Int { peerCount }
}
