internal import PeerEvents
internal import TorrentCore

extension TransferReport {
    /// Who is connected, who was, and what is known of the pieces, where somebody wants to see that.
    struct Seen {
        private(set) var peers: [PeerFigures] = []
        /// Those that are gone, as of the last look at them: the busiest.
        private(set) var gone: [PeerFigures] = []
        var pieces: PieceRows?

        private static let mostGone = 64

        /// These are connected now.
        mutating func look(_ now: [PeerFigures]) {
            let there = Set(now.map(\.endpoint))
            gone += peers.filter { !there.contains($0.endpoint) && $0.moved > 0 }
            if gone.count > Self.mostGone {
                gone = Array(gone.sorted { $0.moved > $1.moved }.prefix(Self.mostGone))
            }
            peers = now
        }
    }
}

extension PeerFigures {
    /// Bytes in both directions.
    var moved: Int64 { taken.bytes + given.bytes }
}
