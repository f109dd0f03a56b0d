/// A tracker's side of an announce's answer: peers stay packed from the table to the wire, and one value is filled
/// again for each request, so that answering allocates nothing.
public struct PackedAnnounceResponse: Sendable, Equatable {
    /// Seconds.
    public var interval: UInt32 = 0
    /// Seconds that a peer has to wait at least.
    public var minInterval: UInt32 = 0
    /// Seeders.
    public var complete: UInt32 = 0
    /// Leechers.
    public var incomplete: UInt32 = 0
    /// How often the torrent was downloaded whole.
    public var downloaded: UInt32 = 0
    /// Six bytes an IPv4 peer (BEP 23).
    public var peers: [UInt8] = []
    /// Eighteen bytes an IPv6 peer (BEP 7).
    public var peers6: [UInt8] = []
    /// The ids of the peers, in the order of `forEachPeer`, as far as they are known and asked for.
    public var peerIDs: [PeerID?] = []
    /// The asker's address, as the tracker sees it (BEP 24).
    public var externalAddress: IPAddress?

    public init() {}

    /// Calls `body` with each peer, IPv4 first.
    public func forEachPeer(_ body: (Endpoint) -> Void) {
        for (list, stride) in [(peers, 6), (peers6, 18)] {
            list.withBytes { bytes in
                for offset in Swift.stride(from: 0, to: bytes.byteCount - stride + 1, by: stride) {
                    if let peer = Endpoint(compact: bytes.extracting(offset..<offset + stride)) { body(peer) }
                }
            }
        }
    }

    /// Peers of both families.
    public var peerCount: Int { peers.count / 6 + peers6.count / 18 }

    /// Adds a peer.
    public mutating func append(_ peer: Endpoint) {
        if peer.address.isV4 { peer.appendCompact(to: &peers) } else { peer.appendCompact(to: &peers6) }
    }

    /// The position of a peer among those of its family; nil if it is not there.
    public func position(of peer: Endpoint) -> Int? {
        let (list, stride) = peer.address.isV4 ? (peers, 6) : (peers6, 18)
        return list.withBytes { bytes in
            (0..<bytes.byteCount / stride).first { position in
                Endpoint(compact: bytes.extracting(position * stride..<(position + 1) * stride)) == peer
            }
        }
    }

    /// Whether one of the peers listens at a port, wherever.
    public func hasPeer(at port: UInt16) -> Bool {
        Self.has(port, every: 6, of: peers) || Self.has(port, every: 18, of: peers6)
    }

    @inline(__always)
    private static func has(_ port: UInt16, every stride: Int, of list: [UInt8]) -> Bool {
        if list.isEmpty { return false }
        let (high, low) = (UInt8(truncatingIfNeeded: port >> 8), UInt8(truncatingIfNeeded: port))
        var end = stride
        while end <= list.count {
            if list[end &- 1] == low, list[end &- 2] == high { return true }
            end &+= stride
        }
        return false
    }

    /// Empties the lists and keeps their memory.
    public mutating func removePeers() {
        if !peers.isEmpty { peers.removeAll(keepingCapacity: true) }
        if !peers6.isEmpty { peers6.removeAll(keepingCapacity: true) }
        if !peerIDs.isEmpty { peerIDs = [] }
    }
}
