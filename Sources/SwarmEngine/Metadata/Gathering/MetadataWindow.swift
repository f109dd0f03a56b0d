import TorrentCore

/// How many requests for metadata may be under way to one peer: more with each answer, half after a reject.
///
/// Programs keep between one and some dozens of them, and drop or reject what is beyond.
struct MetadataWindow: Hashable {
    private(set) var depth = Self.startDepth
    /// Since something was refused, the depth grows by one in a whole round only.
    private var isCautious = false
    private var answersOfRound = 0
    /// Requests that were sent before that were part of what was too much then.
    private var shrunkAt: Moment?

    static let startDepth = 8
    /// Transmission keeps no more than so many.
    static let deepest = 64

    mutating func answered() {
        answersOfRound += 1
        guard !isCautious || answersOfRound >= depth else { return }
        answersOfRound = 0
        depth = min(Self.deepest, depth + 1)
    }

    /// A request that was sent at `sentAt` was rejected, or never answered. False if it was sent before the last time,
    /// and says nothing new.
    mutating func refused(sentAt: Moment, at now: Moment) -> Bool {
        if let shrunkAt, sentAt <= shrunkAt { return false }
        depth = max(1, depth / 2)
        isCautious = true
        answersOfRound = 0
        shrunkAt = now
        return true
    }
}
