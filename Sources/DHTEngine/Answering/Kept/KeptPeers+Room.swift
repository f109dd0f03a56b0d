import TorrentCore

// Who gives way when there is no room (BEP 5 says nothing of that).
extension KeptPeers {
    /// Where there is no room, whoever has more than so many peers or torrents here gives way first; where nobody has,
    /// what is far from our name goes: others look for it elsewhere.
    static let fairShare = 32

    /// Whether there is room for one more peer of a torrent, which may take that of others.
    mutating func makeRoom(for address: IPAddress, of infoHash: InfoHash, in ours: () -> Neighbourhood) -> Bool {
        let found = position(of: infoHash).found
        if let found, torrents[found].peers.count >= limits.keptPeersATorrent {
            removePeer(leastMissed(in: torrents[found].peers, beside: address), at: found)
            return true
        }
        let isFull = found == nil && torrents.count >= limits.keptTorrents
        guard isFull || peerCount >= limits.keptPeers else { return true }
        let ours = ours()
        guard let farthest = farthest(from: ours.ourID) else { return false }
        let far = ours.distance(to: NodeID(torrents[farthest].infoHash))
        let near = ours.distance(to: NodeID(infoHash))
        let shares = isFull ? torrentShares : peerShares
        if shares.most(beside: shares.newcomer(address)) > Self.fairShare || near == far {
            if isFull ? takeTorrentOfMost(beside: address) : takePeerOfMost(beside: address) { return true }
        }
        guard near < far || farthest == found else { return false }
        if isFull { removeTorrent(at: farthest) } else { takePeer(0, at: farthest) }
        return true
    }

    /// Of a full torrent: the oldest of the site that has most of it, if one more comes. However many addresses
    /// somebody has in one net, he drives out nobody but himself.
    private func leastMissed(in peers: [Peer], beside address: IPAddress) -> Int {
        var counts = [address.site: 1]
        for peer in peers { counts[peer.endpoint.address.site, default: 0] += 1 }
        var (best, most) = (0, 0)
        for (place, peer) in peers.enumerated() {
            let count = counts[peer.endpoint.address.site] ?? 0
            if count > most { (best, most) = (place, count) }
        }
        return best
    }

    /// Of all torrents that those brought who brought most: one with the fewest peers, the oldest of these.
    private mutating func takeTorrentOfMost(beside address: IPAddress) -> Bool {
        let newcomer = torrentShares.newcomer(address)
        let most = torrentShares.most(beside: newcomer)
        var best: Int?
        for (position, torrent) in torrents.enumerated() {
            guard let founder = torrent.founder,
                torrentShares.share(of: Int(founder), beside: newcomer) == most
            else { continue }
            guard let other = best.map({ torrents[$0].peers }) else {
                best = position
                continue
            }
            let (new, old) = (torrent.peers, other)
            if (new.count, new.last?.until ?? 0) < (old.count, old.last?.until ?? 0) { best = position }
        }
        guard let best else { return false }
        removeTorrent(at: best)
        return true
    }

    /// A peer of those who have most. The search goes on where the last one ended: in the long run it is short.
    private mutating func takePeerOfMost(beside address: IPAddress) -> Bool {
        let newcomer = peerShares.newcomer(address)
        let most = peerShares.most(beside: newcomer)
        guard most > 0 else { return false }
        for step in torrents.indices {
            let position = (hand + step) % torrents.count
            let place = torrents[position].peers.firstIndex { peer in
                peerShares.share(of: peerShares.slot(of: peer.endpoint.address), beside: newcomer) == most
            }
            guard let place else { continue }
            hand = position
            takePeer(place, at: position)
            return true
        }
        return false
    }

    /// With its torrent, if it is the only one.
    private mutating func takePeer(_ place: Int, at position: Int) {
        if torrents[position].peers.count == 1 {
            removeTorrent(at: position)
        } else {
            removePeer(place, at: position)
        }
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
}

extension Bytes20 {
    /// Whether a bit is set; 0 is the first one, 159 the last.
    fileprivate func hasBit(_ bit: Int) -> Bool {
        if bit < 64 { return words.high >> UInt64(63 - bit) & 1 == 1 }
        if bit < 128 { return words.middle >> UInt64(127 - bit) & 1 == 1 }
        return words.low >> UInt32(159 - bit) & 1 == 1
    }
}
