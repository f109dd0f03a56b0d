import TorrentCore

/// Messages that bring nothing, such as keep-alives, chokes and cancels: a few go with every trade, and each of them
/// costs us more than its sender.
struct Chatter {
    private var count = 0
    private var since = Moment.zero

    /// So many may come in so long, unless a block goes with them: no trade takes as many.
    private static let most = 10_000
    private static let span = Duration.seconds(10)

    /// One more. True if it is too much.
    mutating func isTooMuch(at now: Moment) -> Bool {
        if now - since >= Self.span { (count, since) = (0, now) }
        count += 1
        return count > Self.most
    }

    mutating func forget() { count = 0 }
}

extension PeerMessage {
    /// It brings nothing by itself: everything but requests, whose refusals are counted, and news of pieces.
    var isChatter: Bool {
        switch self {
        case .request, .have: false
        default: true
        }
    }
}
