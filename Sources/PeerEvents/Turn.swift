/// Why a peer may ask us for blocks.
package enum Turn: String, CaseIterable, Sendable, Hashable {
    /// It gives to us: it is among those who give most, or has given a piece and more.
    case reciprocal
    /// Drawn by lot, whatever it gave, so that it can show what it gives.
    case optimistic
    /// It has given nothing yet, or less than a piece, and there is room.
    case newcomer
    /// We fetch nothing: it is served by turns.
    case seeding
    /// We hide our pieces, and show it one that it can pass on (BEP 16).
    case spreading
}

/// Why a peer may not ask us for blocks.
package enum Wait: String, CaseIterable, Sendable, Hashable {
    /// It has not had a turn yet.
    case notYet = "not_yet"
    /// Others give us more.
    case outranked
    /// Its turn is over: others have theirs.
    case turnOver = "turn_over"
    /// It asked for nothing in its turn.
    case askedNothing = "asked_nothing"
    /// It wants nothing that we have.
    case wantsNothing = "wants_nothing"
    /// It owes us blocks, and has sent none for long.
    case snubs
    /// It takes no more blocks.
    case stalled
    /// Uploads are shared out in another way from now on.
    case rearranged
}
