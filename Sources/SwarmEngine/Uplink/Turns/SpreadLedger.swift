import TorrentCore

/// What the only seed of a swarm remembers while it hides its pieces: which ones have been given, to whom first, and
/// whether they have been passed on. It shows a peer only the pieces chosen for it (after BEP 16).
struct SpreadLedger {
    /// As little as possible is to be given: see SpreadLedger+Sparing.
    let isSparing: Bool
    /// How often each piece was or is being given.
    private(set) var timesGiven: [UInt32]
    /// Who was given each piece first; nil once another peer has announced it.
    var first: [ConnectionID?]
    /// Pieces given to no peer yet, in random order. Where we are sparing, those that nobody here has, and some others.
    var fresh: [UInt32]
    /// Pieces that a peer has announced.
    private var isAnnounced: Bitfield
    /// Which pieces are among the fresh ones; looked at where we are sparing.
    var isFresh: Bitfield
    /// How often in a row somebody waited in vain for what others say they have.
    var vainWaits = 0

    /// A torrent of more pieces hides none unless it is super-seeded, since each has to be announced to each peer in
    /// the end.
    static let mostPieces = 16_384
    /// Pieces looked at when no fresh one will do.
    static let search = 2_048
    /// Fresh ones that are looked at.
    static let freshSearch = 64

    /// So many waits in vain show that others keep what they have to themselves.
    static let mostVainWaits = 3

    /// Those who say that they have what we have given to nobody are not counted on.
    var doubtsOthers: Bool { vainWaits >= Self.mostVainWaits }

    init(pieceCount: Int, isSparing: Bool = false, using generator: inout SplitMix64) {
        self.isSparing = isSparing
        timesGiven = Array(repeating: 0, count: pieceCount)
        first = Array(repeating: nil, count: pieceCount)
        fresh = (0..<pieceCount).map { UInt32(truncatingIfNeeded: $0) }
        fresh.shuffle(using: &generator)
        isAnnounced = Bitfield(count: pieceCount)
        isFresh = Bitfield(count: pieceCount, filled: true)
    }

    /// A piece for a peer that has `pieces`: one that no peer was given yet, or the rarest.
    func choose(
        for pieces: Bitfield, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) -> Int? {
        for piece in fresh.reversed().prefix(Self.freshSearch)
        where !pieces[Int(piece)] && !isAnnounced[Int(piece)] {
            return Int(piece)
        }
        var best: Int?
        var bestKey = (Int.max, UInt32.max)
        let offset = Int.random(in: 0..<timesGiven.count, using: &generator)
        for step in 0..<min(timesGiven.count, Self.search) {
            let piece = (offset + step) % timesGiven.count
            guard !pieces[piece] else { continue }
            let key = (availability.copies(of: piece), timesGiven[piece])
            if key < bestKey { (best, bestKey) = (piece, key) }
        }
        return best
    }

    /// `peer` is about to get the piece.
    mutating func began(_ piece: Int, to peer: PeerConnection, _ availability: borrowing Availability) {
        timesGiven[piece] += 1
        guard isSparing ? isLost(piece, availability) : timesGiven[piece] == 1 else { return }
        first[piece] = peer.id
        peer.uplink.spread.unspread += 1
        isFresh[piece] = false
        // It is among the last ones, where it was just chosen.
        if let place = fresh.lastIndex(of: UInt32(truncatingIfNeeded: piece)) { fresh.remove(at: place) }
    }

    /// `peer` did not get the piece after all.
    mutating func failed(_ piece: Int, to peer: PeerConnection) {
        timesGiven[piece] -= 1
        if first[piece] == peer.id {
            first[piece] = nil
            peer.uplink.spread.unspread -= 1
        }
        if isSparing ? !isFresh[piece] : timesGiven[piece] == 0 { isFreshAgain(piece) }
    }

    /// The piece is to be given as if it had never been.
    mutating func isFreshAgain(_ piece: Int) {
        fresh.append(UInt32(truncatingIfNeeded: piece))
        isFresh[piece] = true
    }

    /// `peer` announces the piece. Returns the peer that was given it first, if this shows that it passed the piece on.
    mutating func announced(_ piece: Int, by peer: PeerConnection) -> ConnectionID? {
        isAnnounced[piece] = true
        guard let giver = first[piece], giver != peer.id else { return nil }
        first[piece] = nil
        return giver
    }
}
