/// Bounds on what a stranger's bencode may cost us.
public struct BencodeLimits: Hashable, Sendable {
    /// Longest input, bytes; never above 2 GiB, for positions are kept in 32 bits.
    public var byteCount: Int
    /// Lists and dictionaries within each other.
    public var depth: Int
    /// Integers, strings (keys too), lists and dictionaries together; each costs 24 bytes while it is looked at.
    public var items: Int

    public init(byteCount: Int, depth: Int, items: Int) {
        self.byteCount = min(byteCount, Int(Int32.max))
        self.depth = depth
        self.items = items
    }

    /// Longest .torrent file that is read, and longest info dictionary that is fetched from peers (BEP 9), bytes:
    /// enough for 100,000 files with long paths.
    public static let longestMetainfo = 64 << 20
    /// For a .torrent file.
    public static let metainfo = BencodeLimits(byteCount: longestMetainfo, depth: 100, items: 1 << 22)
    /// For what arrives from a tracker or a peer in one message: 1 MiB.
    public static let message = BencodeLimits(byteCount: 1 << 20, depth: 16, items: 1 << 16)
}
