package import TorrentCore

/// The messages that a peer sent while it was unknown how many pieces the torrent has, as after a magnet link. They are
/// kept, within bounds, until the metainfo is there, and then given to the `Swarm`.
package struct EarlyMessages {
    /// Which pieces its first message said that it has.
    private enum Pieces {
        case everything, nothing
        case bitfield([UInt8])
    }

    private var pieces: Pieces?
    private var haves: [UInt32] = []
    private var handshake: ExtensionHandshake?
    private var isChoking = true
    private var isInterested = false

    /// `have` messages kept. A peer hardly finishes as many pieces in the time that fetching the metadata takes.
    static let mostHaves = 4_096
    /// Longest bitfield kept, bytes: eight million pieces.
    static let longestBitfield = 1 << 20

    package init() {}

    /// Keeps a message. False if there is no room: then the connection is to be closed, and made anew once the pieces
    /// are known. Messages about blocks are dropped, since no block can be asked for yet.
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

    /// Keeps a bitfield, unchecked; a later one, as aria2 sends, holds all of the earlier one. False if it is too long.
    package mutating func heardBitfield(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= Self.longestBitfield else { return false }
        pieces = .bitfield(bytes)
        return true
    }

    /// Keeps the extension handshake, the last one if there are several, with the extensions that the earlier ones
    /// named (BEP 10).
    package mutating func heard(_ handshake: ExtensionHandshake) {
        var ids = self.handshake?.ids ?? ExtensionIDs()
        ids.change(to: handshake.ids)
        self.handshake = handshake
        self.handshake?.ids = ids
    }

    /// Calls `body` with all messages that still matter, in an order that the protocol allows: what it has comes first.
    func forEachMessage(_ body: (Message) -> Void) {
        switch pieces {
        case .everything: body(.message(.haveAll))
        case .nothing: body(.message(.haveNone))
        case .bitfield(let bytes): body(.bitfield(bytes))
        case nil: break
        }
        for piece in haves { body(.message(.have(piece))) }
        if let handshake { body(.handshake(handshake)) }
        if isInterested { body(.message(.interested)) }
        if !isChoking { body(.message(.unchoke)) }
    }

    /// A kept message: not all are a `PeerMessage`.
    enum Message {
        case handshake(ExtensionHandshake)
        case message(PeerMessage)
        case bitfield([UInt8])
    }
}
