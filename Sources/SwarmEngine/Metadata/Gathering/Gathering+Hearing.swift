import TorrentCore

// What peers say that is kept for later, and what people want to know.

extension Gathering {
    /// Bytes of bitfields that are kept of all peers together.
    static let mostBitfieldBytes = 16 << 20
    /// Requests for blocks of pieces that are refused before that is a violation.
    static let mostRefusedRequests = 4_096

    /// Keeps a message for when it is known how many pieces there are. False if there is no room for it.
    mutating func keep(_ message: PeerMessage, of peer: PeerConnection) -> Bool {
        let before = peer.gathering.early.bitfieldBytes
        // Who has everything needs no bitfield any more.
        defer { change(bitfieldBytes: peer.gathering.early.bitfieldBytes - before) }
        return peer.gathering.early.heard(message)
    }

    func keep(_ handshake: ExtensionHandshake, of peer: PeerConnection) { peer.gathering.early.heard(handshake) }

    /// The peer has a piece no more.
    func keepLack(of piece: UInt32, of peer: PeerConnection) -> Bool { peer.gathering.early.heardLack(of: piece) }

    /// It asked for a block of a piece, which is refused to everybody (BEP 6). False if it does not stop.
    func mayRefuse(_ peer: PeerConnection) -> Bool {
        peer.gathering.refusedRequests += 1
        return peer.gathering.refusedRequests <= Self.mostRefusedRequests
    }

    /// What it said, for the brain that takes over.
    func handOver(_ peer: PeerConnection) -> EarlyMessages {
        let early = peer.gathering.early
        peer.gathering = PeerGathering()
        return early
    }

    // MARK: For people

    func describe(in figures: inout MetadataFigures, at now: Moment) {
        figures.isVerified = verifiedSize != nil
        figures.size = verifiedSize ?? furthest?.size
        figures.received = verifiedSize ?? furthest?.receivedBytes ?? 0
        figures.wasted = wasted
        figures.kept = keptBytes
        figures.isStill = stillSince.map { $0 + Self.stillTime <= now } ?? false
    }

    func describe(_ peer: PeerConnection, in figures: inout ConnectionFigures) {
        figures.requests = peer.gathering.requests.count
        figures.depth = peer.gathering.window.depth
    }
}
