internal import CommandLineKit
internal import PeerEvents
internal import TorrentCore

// Who is connected, and what is known of the pieces, as objects of `--json`.
extension TransferEvents {
    /// Peers that an object has, at most: the first that came.
    private static let mostPeers = 200

    static func peers(_ infoHash: InfoHash, _ peers: [PeerFigures]) -> JSONValue {
        [
            "event": "peers", "infohash": .string(infoHash.description), "total": .integer(Int64(peers.count)),
            "peers": .array(peers.prefix(mostPeers).map(peer)),
        ]
    }

    private static func peer(_ peer: PeerFigures) -> JSONValue {
        [
            "address": .string(peer.endpoint.address.description), "port": .integer(Int64(peer.endpoint.port)),
            "client": peer.client.map { .string($0) } ?? .null,
            "source": peer.origin.map { .string($0.rawValue) } ?? .null, "incoming": .bool(peer.isIncoming),
            "have": .integer(Int64(peer.havePieces)), "pieces": .integer(Int64(peer.pieces)),
            "downloaded": .integer(peer.taken.bytes), "uploaded": .integer(peer.given.bytes),
            "down_rate": .integer(Int64(min(max(0, peer.taken.rate), 9e18))),
            "up_rate": .integer(Int64(min(max(0, peer.given.rate), 9e18))),
            "wants_us": .bool(peer.wantsOurs), "wanted": .bool(peer.isWanted), "chokes_us": .bool(peer.chokesUs),
            "choked": .bool(peer.turn == nil), "turn": peer.turn.map { .string($0.rawValue) } ?? .null,
            "why": peer.wait.map { .string($0.rawValue) } ?? .null,
        ]
    }

    static func pieces(_ infoHash: InfoHash, _ counts: PieceMap.Counts) -> JSONValue {
        func count(_ state: PieceMap.State) -> JSONValue { .integer(Int64(counts[state])) }
        return [
            "event": "pieces", "infohash": .string(infoHash.description), "total": .integer(Int64(counts.total)),
            "have": count(.have), "partial": count(.partial), "in_flight": count(.inFlight), "rare": count(.rare),
            "common": count(.common), "nowhere": count(.nowhere),
        ]
    }
}
