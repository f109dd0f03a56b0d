import TorrentCore

/// What a lone seeder keeps in mind while it brings a payload into a swarm: which pieces have gone out, to whom first,
/// and whether they have been passed on. It shows a peer only the pieces that it chose for it (after BEP 16).
struct SpreadLedger {
    /// How often each piece was given, or is being given.
    private var timesGiven: [Int]
    /// Who was given it first, until somebody else announces it.
    private var first: [ConnectionID?]
    /// Pieces given to nobody, in random order.
    private var fresh: [UInt32]

    /// Pieces that somebody has announced.
    private var isAnnounced: [Bool]

    /// Of more pieces than this nothing is hidden: each has to be told of in the end.
    static let mostPieces = 16_384
    /// Pieces looked at when none is fresh.
    private static let search = 2_048

    init(pieceCount: Int, using generator: inout SplitMix64) {
        timesGiven = Array(repeating: 0, count: pieceCount)
        first = Array(repeating: nil, count: pieceCount)
        fresh = (0..<pieceCount).map { UInt32(truncatingIfNeeded: $0) }
        fresh.shuffle(using: &generator)
        isAnnounced = Array(repeating: false, count: pieceCount)
    }

    /// A piece for somebody who has `pieces`: one that nobody was given, or the least available.
    func choose(
        for pieces: Bitfield, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) -> Int? {
        for piece in fresh.reversed().prefix(64) where !pieces[Int(piece)] && !isAnnounced[Int(piece)] { return Int(piece) }
        var best: Int?
        var bestKey = (Int.max, Int.max)
        let offset = Int.random(in: 0..<timesGiven.count, using: &generator)
        for step in 0..<min(timesGiven.count, Self.search) {
            let piece = (offset + step) % timesGiven.count
            guard !pieces[piece] else { continue }
            let key = (availability.copies(of: piece), timesGiven[piece])
            if key < bestKey { (best, bestKey) = (piece, key) }
        }
        return best
    }

    mutating func began(_ piece: Int, to peer: PeerConnection) {
        timesGiven[piece] += 1
        if timesGiven[piece] == 1 {
            first[piece] = peer.id
            peer.uplink.spread.unspread += 1
            fresh.removeAll { Int($0) == piece }
        }
    }

    /// The peer did not get it after all.
    mutating func failed(_ piece: Int, to peer: PeerConnection) {
        timesGiven[piece] -= 1
        if first[piece] == peer.id {
            first[piece] = nil
            peer.uplink.spread.unspread -= 1
        }
        if timesGiven[piece] == 0 { fresh.append(UInt32(truncatingIfNeeded: piece)) }
    }

    /// `peer` announces it: says who has spread it by that.
    mutating func announced(_ piece: Int, by peer: PeerConnection) -> ConnectionID? {
        isAnnounced[piece] = true
        guard let giver = first[piece], giver != peer.id else { return nil }
        first[piece] = nil
        return giver
    }
}
