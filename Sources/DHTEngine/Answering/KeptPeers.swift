import TorrentCore

/// Peers that others have announced to us (BEP 5), each for half an hour.
///
/// Torrents are sorted by their hashes, the peers of each by when they are forgotten. When there is no room for another
/// torrent, those that are far from our name have to go: others look for them elsewhere.
struct KeptPeers {
    static let lifetime = Duration.seconds(1_800)
    /// Peers in all that one site may have here.
    static let peersASite = 250
    /// Peers of one torrent that one address may have, at different ports.
    static let peersAnAddress = 4

    /// 24 bytes.
    struct Peer: BitwiseCopyable {
        let endpoint: Endpoint
        /// Seconds of the clock.
        let until: UInt32
    }

    private struct Torrent {
        let infoHash: InfoHash
        var peers: [Peer]
    }

    private var torrents: [Torrent] = []
    private(set) var peerCount = 0
    private var shares: SiteShares
    private let limits: DHTLimits
    /// When something may have to be forgotten, and not later than it has to.
    private(set) var nextDeadline = Moment.distantFuture

    init(_ limits: DHTLimits, secret: UInt64) {
        self.limits = limits
        shares = SiteShares(limit: Self.peersASite, secret: secret)
    }

    var torrentCount: Int { torrents.count }

    // MARK: Looking up

    /// Peers of a torrent, up to `limit` of them drawn by lot.
    func peers(
        of infoHash: InfoHash, limit: Int, using generator: inout SplitMix64, at now: Moment
    ) -> [Endpoint] {
        guard let position = position(of: infoHash).found else { return [] }
        let seconds = Self.seconds(now)
        var peers: [Endpoint] = []
        peers.reserveCapacity(torrents[position].peers.count)
        for peer in torrents[position].peers where peer.until > seconds { peers.append(peer.endpoint) }
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
    mutating func keep(_ endpoint: Endpoint, of infoHash: InfoHash, near ourID: NodeID, at now: Moment) -> Bool {
        if let known = position(of: infoHash).found { forget(endpoint, at: known) }
        guard shares.allows(1, from: endpoint.address), makeRoom(for: infoHash, near: ourID) else { return false }
        // What went for it may have been a torrent before this one.
        let position: Int
        switch self.position(of: infoHash) {
        case (let found?, _): position = found
        case (nil, let place):
            torrents.insert(Torrent(infoHash: infoHash, peers: []), at: place)
            position = place
        }
        torrents[position].peers.append(Peer(endpoint: endpoint, until: Self.seconds(now + Self.lifetime)))
        peerCount += 1
        shares.add(1, from: endpoint.address)
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

    /// Whether there is room for one more peer of a torrent, which may take that of others.
    private mutating func makeRoom(for infoHash: InfoHash, near ourID: NodeID) -> Bool {
        let found = position(of: infoHash).found
        if let found, torrents[found].peers.count >= limits.keptPeersATorrent {
            removePeer(0, at: found)
            return true
        }
        let isFull = found == nil && torrents.count >= limits.keptTorrents
        guard isFull || peerCount >= limits.keptPeers else { return true }
        guard let farthest = farthest(from: ourID) else { return false }
        if farthest == found {
            // There is no other torrent that could give way: a newer peer is worth more.
            guard !torrents[farthest].peers.isEmpty else { return false }
            removePeer(0, at: farthest)
            return true
        }
        let place = NodeID(torrents[farthest].infoHash)
        guard ourID.distance(to: NodeID(infoHash)) < ourID.distance(to: place) else { return false }
        if isFull || torrents[farthest].peers.count == 1 {
            removeTorrent(at: farthest)
        } else {
            removePeer(0, at: farthest)
        }
        return true
    }

    /// The torrent that is farthest from our name. They are sorted, so those that differ from it in a bit, the first
    /// one that any differs in, lie side by side.
    private func farthest(from ourID: NodeID) -> Int? {
        guard !torrents.isEmpty else { return nil }
        var (low, high, bit) = (0, torrents.count, 0)
        while high - low > 1, bit < 160 {
            let split = firstWithBit(bit, low, high)
            let isOnesSide = !ourID.bytes.hasBit(bit) ? split < high : split == low
            if isOnesSide { low = split } else { high = split }
            bit += 1
        }
        return low
    }

    /// The first torrent between two places that has a bit, where all have the same ones before it.
    private func firstWithBit(_ bit: Int, _ low: Int, _ high: Int) -> Int {
        var (low, high) = (low, high)
        while low < high {
            let middle = (low + high) / 2
            if torrents[middle].infoHash.bytes.hasBit(bit) { high = middle } else { low = middle + 1 }
        }
        return low
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
                for peer in over { shares.remove(1, from: peer.endpoint.address) }
                peerCount -= over.count
                // Into an array of its own size: room for two hundred peers is not kept for those that are left.
                torrents[position].peers = Array(torrents[position].peers[over.endIndex...])
            }
            if let first = torrents[position].peers.first { next = min(next, first.until) }
        }
        torrents.removeAll { $0.peers.isEmpty }
        // Once a minute is enough: what is over is told to nobody.
        nextDeadline = next == .max ? .distantFuture : max(Self.moment(next), now + .seconds(60))
    }

    private mutating func removePeer(_ place: Int, at position: Int) {
        shares.remove(1, from: torrents[position].peers[place].endpoint.address)
        torrents[position].peers.remove(at: place)
        peerCount -= 1
    }

    private mutating func removeTorrent(at position: Int) {
        while !torrents[position].peers.isEmpty { removePeer(torrents[position].peers.count - 1, at: position) }
        torrents.remove(at: position)
    }

    // MARK: Places

    /// Where a torrent is, or where it would have to be.
    private func position(of infoHash: InfoHash) -> (found: Int?, place: Int) {
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

extension Bytes20 {
    /// Whether a bit is set; 0 is the first one, 159 the last.
    fileprivate func hasBit(_ bit: Int) -> Bool {
        if bit < 64 { return words.high >> UInt64(63 - bit) & 1 == 1 }
        if bit < 128 { return words.middle >> UInt64(127 - bit) & 1 == 1 }
        return words.low >> UInt32(159 - bit) & 1 == 1
    }
}
