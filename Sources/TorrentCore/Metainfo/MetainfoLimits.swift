/// Bounds on what a stranger's .torrent file may ask of us.
public struct MetainfoLimits: Hashable, Sendable {
    /// Bytes, depth and values of the file itself.
    public var bencode = BencodeLimits.metainfo
    public var files = 500_000
    /// Twenty bytes each in the file.
    public var pieces = 2_500_000
    /// A piece is held in memory while it is downloaded.
    public var pieceLength = 128 << 20
    /// Trackers, and web seeds, and nodes: so many of each.
    public var addresses = 1_000

    public init() {}
}
