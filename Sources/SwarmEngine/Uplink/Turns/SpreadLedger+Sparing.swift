import TorrentCore

// Super seeding (BEP 16): a piece is given once, and again only if it is here no more, or if somebody waits for it in
// vain.

extension SpreadLedger {
    /// Nobody here has the piece who would pass it on, nor is anybody getting it.
    func isLost(_ piece: Int, _ availability: borrowing Availability) -> Bool {
        guard first[piece] == nil else { return false }
        return availability.copies(of: piece) == 0 || (doubtsOthers && timesGiven[piece] == 0)
    }

    /// `piece` is given to somebody who has waited for it in vain. If that happens time and again with pieces that were
    /// given to nobody before, those who say that they have them are not counted on any more, for good: what only they
    /// have is given once, too. Else one word of one peer would stop us.
    mutating func waitedInVain(for piece: Int) {
        guard !doubtsOthers, timesGiven[piece] == 0 else { return }
        vainWaits += 1
        guard doubtsOthers else { return }
        for piece in timesGiven.indices where timesGiven[piece] == 0 && !isFresh[piece] { isFreshAgain(piece) }
    }

    /// A peer has got this piece, which we did not show it. If nobody has it from us, others pass on what they have.
    mutating func cameFromOthers(_ piece: Int) {
        if !doubtsOthers, timesGiven[piece] == 0 { vainWaits = 0 }
    }

    /// A piece that nobody here has, for this peer: one that it was not shown, or one that it was and may ask for now.
    mutating func lostPiece(for peer: PeerConnection, _ availability: borrowing Availability) -> Int? {
        var known: Int?
        var looked = 0
        var place = fresh.count
        while place > 0, looked < Self.freshSearch {
            place -= 1
            let piece = Int(fresh[place])
            guard isLost(piece, availability) else {
                // Somebody has it meanwhile: each is taken out once.
                isFresh[piece] = false
                fresh.swapAt(place, fresh.count - 1)
                fresh.removeLast()
                continue
            }
            looked += 1
            guard !peer.pieces.have[piece] else { continue }
            if peer.uplink.spread.shown?[piece] == false { return piece }
            if peer.uplink.isInterestedInUs { known = known ?? piece }
        }
        return known
    }

    /// The rarest of those pieces that a peer lacks and was not shown; nil if there are none.
    func rarestHidden(
        from peer: PeerConnection, _ availability: borrowing Availability, using generator: inout SplitMix64
    ) -> Int? {
        guard let shown = peer.uplink.spread.shown else { return nil }
        let have = peer.pieces.have
        let start = Int.random(in: 0..<shown.wordCount, using: &generator)
        var best: Int?
        var bestKey = (Int.max, UInt32.max)
        var looked = 0
        for step in 0..<shown.wordCount where looked < Self.search {
            let index = (start + step) % shown.wordCount
            forEachBit(~(shown.word(index) | have.word(index)), index) { piece in
                // The last word may have more bits than there are pieces.
                guard piece < timesGiven.count else { return }
                looked += 1
                let key = (availability.copies(of: piece), timesGiven[piece])
                if key < bestKey { (best, bestKey) = (piece, key) }
            }
        }
        return best
    }

    /// A peer is gone: what it alone had has to be given anew. True if there is any such piece.
    mutating func left(_ peer: PeerConnection, _ availability: borrowing Availability) -> Bool {
        var isAny = false
        for piece in first.indices {
            if first[piece] == peer.id { first[piece] = nil } else if !peer.pieces.have[piece] { continue }
            isAny = lost(piece, availability) || isAny
        }
        return isAny
    }

    /// A peer has this piece no more. True if it has to be given anew.
    mutating func lost(_ piece: Int, of peer: PeerConnection, _ availability: borrowing Availability) -> Bool {
        if first[piece] == peer.id {
            first[piece] = nil
            peer.uplink.spread.unspread -= 1
        }
        return lost(piece, availability)
    }

    private mutating func lost(_ piece: Int, _ availability: borrowing Availability) -> Bool {
        guard isLost(piece, availability) else { return false }
        if !isFresh[piece] { isFreshAgain(piece) }
        return true
    }
}
