/// How a piece is known to be right.
///
/// The one door for another way: version 2 (BEP 52) would be a case with the root of a tree of SHA-256 hashes, and
/// `Metainfo.check(of:)` the place that mints it. How long each piece is says `TorrentGeometry.length(of:)` alone: in
/// version 2 the last piece of each file may be shorter, and begins where padding would have put it.
public enum PieceCheck: Hashable, Sendable {
    /// By one SHA-1 over all bytes of the piece (BEP 3).
    case sha1(SHA1Digest)
}
