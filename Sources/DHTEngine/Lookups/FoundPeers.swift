import TorrentCore

/// The peers that a lookup has found, each of them once.
struct FoundPeers {
    private var seen: Set<UInt64> = []
    /// Kept where somebody wants to have them all at the end.
    private(set) var kept: [Endpoint] = []

    var count: Int { seen.count }

    /// Those that are new, as far as there is room.
    mutating func add(_ peers: [Endpoint], most: Int, keeps: Bool) -> [Endpoint] {
        var new: [Endpoint] = []
        for peer in peers where seen.count < most && seen.insert(Self.mark(of: peer)).inserted { new.append(peer) }
        if keeps { kept += new }
        return new
    }

    /// What a peer is known by, in little room: of IPv6 two may be taken for one.
    private static func mark(of peer: Endpoint) -> UInt64 {
        switch peer.address {
        case .v4(let address): return UInt64(address) << 16 | UInt64(peer.port)
        case .v6(let high, let low):
            var mixer = SplitMix64(seed: high)
            mixer = SplitMix64(seed: mixer.next() ^ low)
            return mixer.next() ^ UInt64(peer.port)
        }
    }
}
