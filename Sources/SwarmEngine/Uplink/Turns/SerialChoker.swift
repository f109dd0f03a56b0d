import TorrentCore

/// Chooses the peer that has the next turn: one whole piece to one peer, then the next. It stands
/// in the place of the choking of BEP 3.
///
/// While we trade pieces, three groups of peers follow each other: those that have given us a piece and got at most one
/// more than they gave, those that got more, and those that have given less than a piece; the last also get one turn in
/// `chanceTurns`. A seed that hides its pieces prefers peers that pass pieces on (BEP 16).
struct SerialChoker {
    /// One turn in so many is for a peer that has given less than a piece, or has had no turn yet.
    static let chanceTurns = 32

    /// What the choker sees of one peer that wants a turn.
    struct Candidate {
        let id: ConnectionID
        /// Verified bytes that it sent us, and bytes that it got from us.
        let given: Int64
        let got: Int64
        /// When its last turn began.
        let lastTurnAt: Moment?
        /// Pieces that it was the first to get and no other peer has announced yet.
        let unspread: Int
        /// Another peer has announced a piece that this one was the first to get.
        let hasSpread: Bool
        /// Pieces that we have and it lacks.
        let lacks: Int
    }

    /// The peer that is chosen.
    struct Choice {
        let id: ConnectionID
        fileprivate let group: Group

        /// `isFetching`: we want something of others.
        func reason(isFetching: Bool) -> UnchokeReason {
            switch group {
            case .gave: .reciprocal
            case .chance: isFetching ? .optimistic : .seeding
            case .beginner: isFetching ? .newcomer : .seeding
            case .spreads: .spreading
            }
        }
    }

    /// Among whom a peer was chosen.
    fileprivate enum Group {
        /// Those who have given a piece.
        case gave
        /// Those who have not.
        case beginner
        /// The same, in a turn that is for them.
        case chance
        /// All peers of a seed that hides its pieces.
        case spreads
    }

    /// Turns given so far.
    private var turns = 0

    /// `isSpreading`: we are a seed that hides its pieces.
    mutating func next(
        _ candidates: [Candidate], isSpreading: Bool, pieceLength: Int, using generator: inout SplitMix64
    ) -> Choice? {
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
        return best.map { Choice(id: $0.id, group: isSpreading ? .spreads : $0.key.group) }
    }

    /// The peer with the least key is chosen.
    private struct Key {
        let rank: Int
        let order: Int64
        let chance: UInt64

        /// Of a key for trading.
        var group: Group {
            switch rank {
            case ..<0: .chance
            case 0...1: .gave
            default: .beginner
            }
        }

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
