package import TorrentCore

/// What a peer has said before it is known how many pieces the torrent has, as after a magnet link: kept, within
/// bounds, until it is known, and then said again to the `Swarm`.
package struct EarlyWords {
    /// What it said first of its pieces.
    private enum Pieces {
        case everything, nothing
        case bitfield([UInt8])
    }

    private var pieces: Pieces?
    private var haves: [UInt32] = []
    private var isChoking = true
    private var isInterested = false

    /// Pieces told of one by one that are kept. Nobody should have to tell of so many in the time that metadata takes.
    static let mostHaves = 4_096
    /// Bytes of a bitfield that are kept: of eight million pieces.
    static let longestBitfield = 1 << 20

    package init() {}

    /// False if it is more than is kept: then the connection is to be ended, and made anew when the pieces are known.
    /// Whatever is about blocks is dropped: there is none yet that could be asked for.
    package mutating func heard(_ message: PeerMessage) -> Bool {
        switch message {
        case .choke: isChoking = true
        case .unchoke: isChoking = false
        case .interested: isInterested = true
        case .notInterested: isInterested = false
        case .haveAll: pieces = pieces ?? .everything
        case .haveNone: pieces = pieces ?? .nothing
        case .have(let piece):
            guard haves.count < Self.mostHaves else { return false }
            haves.append(piece)
        case .keepAlive, .request, .cancel, .port, .suggest, .reject, .allowedFast: break
        }
        return true
    }

    /// The same of a bitfield, as it came. A second one is too much.
    package mutating func heardBitfield(_ bytes: [UInt8]) -> Bool {
        guard pieces == nil, bytes.count <= Self.longestBitfield else { return false }
        pieces = .bitfield(bytes)
        return true
    }

    /// All of it once more, in an order in which a peer may say it: first what it has.
    func repeated(_ say: (Word) -> Void) {
        switch pieces {
        case .everything: say(.message(.haveAll))
        case .nothing: say(.message(.haveNone))
        case .bitfield(let bytes): say(.bitfield(bytes))
        case nil: break
        }
        for piece in haves { say(.message(.have(piece))) }
        if isInterested { say(.message(.interested)) }
        if !isChoking { say(.message(.unchoke)) }
    }

    /// One of the things that it said.
    enum Word {
        case message(PeerMessage)
        case bitfield([UInt8])
    }
}
