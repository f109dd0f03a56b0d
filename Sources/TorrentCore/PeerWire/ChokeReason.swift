// Why a peer may ask for blocks, and why not: nothing of it is on the wire. The words are those of `--json`.

/// Why a peer may ask us for blocks.
package enum UnchokeReason: String, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// It gives to us: in slots it is among those who give most, in turns it has given a piece and more.
    case reciprocal
    /// Drawn by lot, whatever it gave, so that it can show what it gives.
    case optimistic
    /// It has given nothing yet, or less than a piece, and nobody better wants the place.
    case newcomer
    /// We want nothing of others: it is served by turns.
    case seeding
    /// We hide our pieces, and show it one that it can pass on (BEP 16).
    case spreading
}

/// Why a peer may not.
package enum ChokeReason: String, CaseIterable, Hashable, Sendable, BitwiseCopyable {
    /// Connections begin choked (BEP 3).
    case notYet = "not_yet"
    /// Others give us more.
    case outranked
    /// Its turn is over, or its term: others have theirs.
    case turnOver = "turn_over"
    /// It asked for nothing in its turn.
    case askedNothing = "asked_nothing"
    /// It wants nothing that we have.
    case wantsNothing = "wants_nothing"
    /// It owes us blocks, and has sent none for long.
    case snubs
    /// No block leaves for it any more.
    case stalled
    /// Turns of whole pieces have begun: all wait for theirs.
    case rearranged
}
