import TorrentCore

/// Whose turn is next on a serial uplink: one whole piece to one peer, then the next.
///
/// While pieces are traded, those who gave us a piece and are not beyond their credit take turns; those beyond it come
/// by their balance; those who gave nothing come when nobody else wants anything, and once in a while. Who spreads
/// pieces that nobody else has begins with those who pass on what they got.
struct SerialChoker {
    /// One turn in so many is for somebody who has given nothing, or has not been tried.
    static let chanceTurns = 32

    /// What the choker sees of one peer that wants something.
    struct Candidate {
        let id: ConnectionID
        /// Verified bytes that it gave us, and bytes that it got from us.
        let given: Int64
        let got: Int64
        /// When its last turn began.
        let lastTurnAt: Moment?
        /// Pieces that it got first and that nobody else has announced yet.
        let unspread: Int
        /// Somebody else has announced a piece that it got first.
        let hasSpread: Bool
        /// Pieces that we have and it has not.
        let lacks: Int
    }

    private var turns = 0

    mutating func next(
        _ candidates: [Candidate], isSpreading: Bool, pieceLength: Int, using generator: inout SplitMix64
    ) -> ConnectionID? {
        guard !candidates.isEmpty else { return nil }
        turns += 1
        let isChance = turns % Self.chanceTurns == 0
        var best: (id: ConnectionID, key: Key)?
        for candidate in candidates {
            let chance = generator.next() >> 32 | UInt64(0xFFFF - min(0xFFFF, candidate.lacks)) << 32
            let key =
                isSpreading
                ? Self.spreadingKey(candidate, isChance, chance)
                : Self.tradingKey(candidate, Int64(pieceLength), isChance, chance)
            if best.map({ key.isBefore($0.key) }) ?? true { best = (candidate.id, key) }
        }
        return best?.id
    }

    /// The least comes first.
    private struct Key {
        let rank: Int
        let order: Int64
        let chance: UInt64

        func isBefore(_ other: Key) -> Bool {
            (rank, order, chance) < (other.rank, other.order, other.chance)
        }
    }

    private static func tradingKey(
        _ candidate: Candidate, _ pieceLength: Int64, _ isChance: Bool, _ chance: UInt64
    ) -> Key {
        let last = candidate.lastTurnAt?.nanoseconds ?? -1
        guard candidate.given >= pieceLength else { return Key(rank: isChance ? -1 : 2, order: last, chance: chance) }
        let balance = candidate.given - candidate.got
        guard balance >= -pieceLength else { return Key(rank: 1, order: -balance, chance: chance) }
        return Key(rank: 0, order: last, chance: chance)
    }

    private static func spreadingKey(_ candidate: Candidate, _ isChance: Bool, _ chance: UInt64) -> Key {
        let last = candidate.lastTurnAt?.nanoseconds ?? -1
        if candidate.hasSpread, candidate.unspread <= 1 {
            return Key(rank: candidate.unspread, order: last, chance: chance)
        }
        let isUntried = candidate.lastTurnAt == nil
        if isUntried { return Key(rank: isChance ? -1 : 2, order: 0, chance: chance) }
        return Key(rank: 3, order: Int64(candidate.unspread), chance: chance)
    }
}
