package import PeerEvents
package import TorrentCore

/// Why a node does not do what it was asked to do with a torrent.
package enum NodeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The node has no torrent with this info hash.
    case unknownTorrent(InfoHash)
    /// The node has this torrent already.
    case alreadyThere(InfoHash, name: String)
    /// The torrent has ended, by itself or for a failure.
    case hasEnded(InfoHash, name: String)
    /// The node is stopping, or has stopped.
    case isStopping
    /// A limit is zero or less.
    case badLimits
    /// Its content cannot be opened, or is in use.
    case cannotOpen(PeerFailure)

    package var description: String {
        switch self {
        case .unknownTorrent(let infoHash): "there is no torrent \(infoHash) here; add it first"
        case .alreadyThere(_, let name): "\(name) is here already; remove it first, or leave it"
        case .hasEnded(_, let name): "\(name) has ended; remove it, then add it again"
        case .isStopping: "this peer is stopping; start another"
        case .badLimits: "a limit is at least 1; leave it out for none, or pause the torrent to move nothing"
        case .cannotOpen(let failure): failure.message
        }
    }

    /// For whoever tells failures.
    package var failure: PeerFailure {
        if case .cannotOpen(let failure) = self { return failure }
        if case .unknownTorrent = self { return PeerFailure(.notFound, description) }
        return PeerFailure(.io, description)
    }
}
