package import TorrentCore

/// Whether a peer may ask us for blocks, and why. The reason is for people: no choice goes by it.
package enum UplinkStanding: Hashable, Sendable, BitwiseCopyable {
    /// It may.
    case unchoked(UnchokeReason)
    /// It may not.
    case choked(ChokeReason)
}
