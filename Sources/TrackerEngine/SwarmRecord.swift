import TorrentCore

/// All that a tracker knows of one torrent.
struct SwarmRecord: Sendable {
    let infoHash: InfoHash
    var v4 = PeerTable<UInt32>()
    var v6 = PeerTable<IPv6Words>()
    /// How often it was downloaded whole.
    var downloaded: UInt32 = 0
    /// When somebody was last heard.
    var minute: Minute

    var seeders: Int { v4.seeders + v6.seeders }
    var leechers: Int { v4.leechers + v6.leechers }
    var peers: Int { v4.count + v6.count }

    var counts: ScrapeCounts {
        ScrapeCounts(complete: seeders, incomplete: leechers, downloaded: Int(downloaded))
    }

    /// Notes that a peer has been heard; true if it is new.
    mutating func upsert(_ peer: Endpoint, isSeeder: Bool, countsDownload: Bool, at now: Minute) -> Bool {
        minute = now
        if let address = UInt32(peer.address) {
            let change = v4.upsert(.init(address: address, port: peer.port), isSeeder: isSeeder, at: now)
            if countsDownload, v4.countDownload(at: change.position) { downloaded = downloaded &+ 1 }
            return change.isNew
        }
        guard let address = IPv6Words(peer.address) else { preconditionFailure("an address is of one family") }
        let change = v6.upsert(.init(address: address, port: peer.port), isSeeder: isSeeder, at: now)
        if countsDownload, v6.countDownload(at: change.position) { downloaded = downloaded &+ 1 }
        return change.isNew
    }

    func contains(_ peer: Endpoint) -> Bool {
        if let address = UInt32(peer.address) { return v4.contains(.init(address: address, port: peer.port)) }
        return IPv6Words(peer.address).map { v6.contains(.init(address: $0, port: peer.port)) } ?? false
    }

    /// True if it was there.
    mutating func remove(_ peer: Endpoint) -> Bool {
        if let address = UInt32(peer.address) { return v4.remove(.init(address: address, port: peer.port)) }
        guard let address = IPv6Words(peer.address) else { preconditionFailure("an address is of one family") }
        return v6.remove(.init(address: address, port: peer.port))
    }
}
