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
    /// Pieces that it had and has no more (BEP 54).
    private var lacks: [UInt32] = []
    /// Pieces that it lets us ask for while it chokes us (BEP 6).
    private var allowed: [UInt32] = []
    private var handshake: ExtensionHandshake?
    private var isChoking = true
    private var isInterested = false

    /// `have` messages kept. A peer hardly finishes as many pieces in the time that fetching the metadata takes.
    static let mostHaves = 4_096
    /// Pieces of an allowed fast set that are kept; a `Swarm` keeps no more.
    static let mostAllowed = 64
    /// Longest bitfield kept, bytes: eight million pieces.
    package static let longestBitfield = 1 << 20

    package init() {}

    /// Bytes that it holds of a bitfield.
    var bitfieldBytes: Int {
        if case .bitfield(let bytes) = pieces { bytes.count } else { 0 }
    }

    /// Forgets the bitfield, and says how many bytes that was.
    mutating func dropBitfield() -> Int {
        let bytes = bitfieldBytes
        if bytes > 0 { pieces = nil }
        return bytes
    }

    /// Keeps a message. False if there is no room: then the connection is to be closed, and made anew once the pieces
    /// are known. Messages about blocks are dropped, since no block can be asked for yet.
    package mutating func heard(_ message: PeerMessage) -> Bool {
        switch message {
        case .choke: isChoking = true
        case .unchoke: isChoking = false
        case .interested: isInterested = true
        case .notInterested: isInterested = false
        case .haveAll:
            pieces = .everything
            lacks = []
        case .haveNone: pieces = pieces ?? .nothing
        case .have(let piece):
            guard haves.count < Self.mostHaves else { return false }
            haves.append(piece)
            lacks.removeAll { $0 == piece }
        case .allowedFast(let piece):
            if allowed.count < Self.mostAllowed, !allowed.contains(piece) { allowed.append(piece) }
        case .keepAlive, .request, .cancel, .port, .suggest, .reject: break
        }
        return true
    }

    /// Keeps that the peer has a piece no more. False as for other messages.
    package mutating func heardLack(of piece: UInt32) -> Bool {
        guard !lacks.contains(piece) else { return true }
        guard lacks.count < Self.mostHaves else { return false }
        lacks.append(piece)
        return true
    }

    /// Keeps a bitfield, unchecked. A later one, as aria2 sends, adds to the earlier one; of two that differ in length
    /// one is wrong. False if it cannot be kept.
    package mutating func heardBitfield(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= Self.longestBitfield else { return false }
        lacks.removeAll { piece in
            let place = Int(piece / 8)
            return place < bytes.count && bytes[place] & 0x80 >> (piece % 8) != 0
        }
        switch pieces {
        case .everything: break
        case .nothing, nil: pieces = .bitfield(bytes)
        case .bitfield(let earlier):
            guard earlier.count == bytes.count else { return false }
            pieces = .bitfield(zip(earlier, bytes).map { $0 | $1 })
        }
        return true
    }

    /// Keeps the extension handshake. A later one changes what it names (BEP 10).
    package mutating func heard(_ handshake: ExtensionHandshake) {
        guard var known = self.handshake else { return self.handshake = handshake }
        known.ids.change(to: handshake.ids)
        known.listenPort = handshake.listenPort ?? known.listenPort
        known.client = handshake.client ?? known.client
        known.requestQueue = handshake.requestQueue ?? known.requestQueue
        known.yourAddress = handshake.yourAddress ?? known.yourAddress
        known.metadataSize = handshake.metadataSize ?? known.metadataSize
        known.ipv4 = handshake.ipv4 ?? known.ipv4
        known.ipv6 = handshake.ipv6 ?? known.ipv6
        // Nobody takes these back: see `Availability.toldToFetchNothing`.
        known.isUploadOnly = known.isUploadOnly || handshake.isUploadOnly
        known.spreads = known.spreads || handshake.spreads
        self.handshake = known
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
        for piece in lacks { body(.lack(of: piece)) }
        for piece in allowed { body(.message(.allowedFast(piece))) }
        if isInterested { body(.message(.interested)) }
        if !isChoking { body(.message(.unchoke)) }
    }

    /// A kept message: not all are a `PeerMessage`.
    enum Message {
        case handshake(ExtensionHandshake)
        case message(PeerMessage)
        case bitfield([UInt8])
        case lack(of: UInt32)
    }
}
