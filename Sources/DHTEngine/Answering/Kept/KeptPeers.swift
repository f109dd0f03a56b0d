import TorrentCore

/// Peers that others have announced to us (BEP 5), each for half an hour.
///
/// Torrents are sorted by their hashes, the peers of each by when they are forgotten. Nobody is refused while there is
/// room: crowds of honest people live behind one address, or in one net. When there is none, who gives way says
/// `KeptPeers+Room.swift`.
struct KeptPeers {
    static let lifetime = Duration.seconds(1_800)
    /// Peers of one torrent that one address may have, at different ports: several behind one router, but not so many
    /// that nothing else of a small torrent is told.
    static let peersAnAddress = 8

    /// 24 bytes.
    struct Peer: BitwiseCopyable {
        let endpoint: Endpoint
        /// Seconds of the clock.
        let until: UInt32
    }

    /// 32 bytes.
    struct Torrent {
        let infoHash: InfoHash
        /// Whose announce brought it here, as `SiteShares` counts sites.
        let founder: UInt16?
        var peers: [Peer]
    }

    var torrents: [Torrent] = []
    private(set) var peerCount = 0
    /// What each site has.
    private(set) var peerShares: SiteShares
    private(set) var torrentShares: SiteShares
    /// Where somebody had to give way last.
    var hand = 0
    let limits: DHTLimits
    /// When something may have to be forgotten, and not later than it has to.
    private(set) var nextDeadline = Moment.distantFuture

    init(_ limits: DHTLimits, secret: UInt64) {
        self.limits = limits
        peerShares = SiteShares(secret: secret)
        torrentShares = SiteShares(secret: secret)
    }

    var torrentCount: Int { torrents.count }

    // MARK: Looking up

    /// Peers of a torrent that mean something to whoever asks (all if that is nil), up to `limit` of them drawn by lot.
    func peers(
        of infoHash: InfoHash, for asker: IPAddress?, limit: Int, using generator: inout SplitMix64, at now: Moment
    ) -> [Endpoint] {
        guard let position = position(of: infoHash).found else { return [] }
        let seconds = Self.seconds(now)
        var peers: [Endpoint] = []
        peers.reserveCapacity(torrents[position].peers.count)
        for peer in torrents[position].peers
        where peer.until > seconds && asker.map(peer.endpoint.address.means(somethingTo:)) ?? true {
            peers.append(peer.endpoint)
        }
        guard peers.count > limit else { return peers }
        for place in 0..<limit { peers.swapAt(place, Int.random(in: place..<peers.count, using: &generator)) }
        peers.removeSubrange(limit...)
        return peers
    }

    /// Up to `limit` torrents of which there are peers, drawn by lot (BEP 51).
    func sample(_ limit: Int, using generator: inout SplitMix64) -> [InfoHash] {
        var numbers = Array(torrents.indices)
        let count = min(limit, numbers.count)
        for place in 0..<count {
            numbers.swapAt(place, Int.random(in: place..<numbers.count, using: &generator))
        }
        return numbers.prefix(count).map { torrents[$0].infoHash }
    }

    // MARK: Keeping

    /// Keeps a peer, again for half an hour if it is there already. False if there is no room for it.
    mutating func keep(
        _ endpoint: Endpoint, of infoHash: InfoHash, in ours: @autoclosure () -> Neighbourhood, at now: Moment
    ) -> Bool {
        if let known = position(of: infoHash).found { forget(endpoint, at: known) }
        guard makeRoom(for: endpoint.address, of: infoHash, in: ours) else { return false }
        let slot = peerShares.slot(of: endpoint.address)
        // What went for it may have been a torrent before this one.
        let position: Int
        switch self.position(of: infoHash) {
        case (let found?, _): position = found
        case (nil, let place):
            torrents.insert(Torrent(infoHash: infoHash, founder: slot.map(UInt16.init), peers: []), at: place)
            torrentShares.add(1, to: slot)
            position = place
        }
        torrents[position].peers.append(Peer(endpoint: endpoint, until: Self.seconds(now + Self.lifetime)))
        peerCount += 1
        peerShares.add(1, to: slot)
        nextDeadline = min(nextDeadline, Self.moment(Self.seconds(now + Self.lifetime)))
        return true
    }

    /// Takes out an earlier announce of the same peer, and the oldest of its address if that has as many as it may.
    private mutating func forget(_ endpoint: Endpoint, at position: Int) {
        var ofAddress = 0
        var oldest: Int?
        var same: Int?
        let isPublic = endpoint.address.scope == .world
        let peers = torrents[position].peers
        for place in peers.indices {
            let peer = peers[place]
            if peer.endpoint == endpoint { same = place }
            guard isPublic, peer.endpoint.address.customer == endpoint.address.customer else { continue }
            ofAddress += 1
            oldest = oldest ?? place
        }
        if let same {
            removePeer(same, at: position)
        } else if let oldest, ofAddress >= Self.peersAnAddress {
            removePeer(oldest, at: position)
        }
    }

    // MARK: Forgetting

    /// Forgets what is over.
    mutating func expire(at now: Moment) {
        guard now >= nextDeadline else { return }
        let seconds = Self.seconds(now)
        var next = UInt32.max
        for position in torrents.indices {
            let over = torrents[position].peers.prefix { $0.until <= seconds }
            if !over.isEmpty {
                for peer in over { peerShares.remove(1, from: peerShares.slot(of: peer.endpoint.address)) }
                peerCount -= over.count
                // Into an array of its own size: room for two hundred peers is not kept for those that are left.
                torrents[position].peers = Array(torrents[position].peers[over.endIndex...])
            }
            if let first = torrents[position].peers.first {
                next = min(next, first.until)
            } else {
                torrentShares.remove(1, from: torrents[position].founder.map(Int.init))
            }
        }
        torrents.removeAll { $0.peers.isEmpty }
        // Once a minute is enough: what is over is told to nobody.
        nextDeadline = next == .max ? .distantFuture : max(Self.moment(next), now + .seconds(60))
    }

    mutating func removePeer(_ place: Int, at position: Int) {
        peerShares.remove(1, from: peerShares.slot(of: torrents[position].peers[place].endpoint.address))
        torrents[position].peers.remove(at: place)
        peerCount -= 1
    }

    mutating func removeTorrent(at position: Int) {
        while !torrents[position].peers.isEmpty { removePeer(torrents[position].peers.count - 1, at: position) }
        torrentShares.remove(1, from: torrents[position].founder.map(Int.init))
        torrents.remove(at: position)
    }

    // MARK: Places

    /// Where a torrent is, or where it would have to be.
    func position(of infoHash: InfoHash) -> (found: Int?, place: Int) {
        var (low, high) = (0, torrents.count)
        while low < high {
            let middle = (low + high) / 2
            if torrents[middle].infoHash < infoHash { low = middle + 1 } else { high = middle }
        }
        return (low < torrents.count && torrents[low].infoHash == infoHash ? low : nil, low)
    }

    private static func seconds(_ moment: Moment) -> UInt32 { UInt32(clamping: moment.nanoseconds / 1_000_000_000) }
    private static func moment(_ seconds: UInt32) -> Moment { Moment(nanoseconds: Int64(seconds) * 1_000_000_000) }
}
