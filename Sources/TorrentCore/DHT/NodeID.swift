/// The name of a node of the DHT, in the space of the info hashes: a node keeps what is near its name (BEP 5).
public struct NodeID: Bytes20Value, BitwiseCopyable {
    /// The value without its meaning.
    public let bytes: Bytes20
    public init(_ bytes: Bytes20) { self.bytes = bytes }

    /// The place in the space that belongs to a torrent.
    public init(_ infoHash: InfoHash) { bytes = infoHash.bytes }

    /// How far two places are from each other: the one exclusive-or the other, to be compared as a number (BEP 5).
    @inline(__always)
    public func distance(to other: NodeID) -> Bytes20 {
        let (left, right) = (bytes.words, other.bytes.words)
        return Bytes20(high: left.high ^ right.high, middle: left.middle ^ right.middle, low: left.low ^ right.low)
    }
}

/// A node and where it is: 26 bytes of a compact list, or 38 with IPv6 (BEP 5, BEP 32).
public struct DHTContact: Hashable, Sendable, BitwiseCopyable {
    public let id: NodeID
    public let endpoint: Endpoint

    public init(_ id: NodeID, _ endpoint: Endpoint) {
        self.id = id
        self.endpoint = endpoint
    }
}
