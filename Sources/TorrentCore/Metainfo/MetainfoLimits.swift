/// Bounds on what a stranger's .torrent file may ask of us.
public struct MetainfoLimits: Hashable, Sendable {
    /// Bytes, depth and values of the file itself.
    public var bencode = BencodeLimits.metainfo
    /// Files in the list, padding and links included.
    public var files = 500_000
    /// Twenty bytes each in the file.
    public var pieces = 2_500_000
    /// A piece is held in memory while it is downloaded.
    public var pieceLength = 256 << 20
    /// Most trackers, most web seeds and most nodes that are kept.
    public var addresses = 1_000
    /// Bytes of a comment and the like that are kept.
    public var text = 256 << 10
    /// Longest URL that is taken, bytes.
    public var url = 64 << 10
    /// Remarks that are kept.
    public var remarks = 1_000

    public init() {}
}
