import TorrentCore

/// What the rate limits let one link read and send.
struct LinkAllowance {
    private let limiters: LinkLimiters
    /// Bytes of the batch that may go, and from when on.
    private var granted = (bytes: 0, from: Moment.zero)

    /// An answer of the limits.
    enum Answer {
        /// So many bytes, at least one.
        case bytes(Int)
        /// Nothing before this moment.
        case wait(until: Moment)
    }

    init(_ limiters: LinkLimiters) {
        self.limiters = limiters
    }

    /// Bytes to read now. What is not read of them goes to `giveBack(unread:)`.
    func reading(upTo most: Int, at now: Moment) -> Answer {
        guard let limiter = limiters.download else { return .bytes(.max) }
        let count = limiter.take(upTo: most, at: now)
        return count > 0 ? .bytes(count) : .wait(until: limiter.nextAvailable(at: now))
    }

    func giveBack(unread count: Int) {
        limiters.download?.giveBack(count)
    }

    /// Bytes of the batch to send now: whole blocks only, so that no message has to wait for the limit behind half a
    /// block. The rest of a block that has begun may always go.
    mutating func sending(of batch: OutboundBatch, at now: Moment) -> Answer {
        guard let limiter = limiters.upload else {
            granted.bytes = 0
            return .bytes(batch.remaining)
        }
        if granted.bytes == 0 {
            granted.bytes = batch.wholeBlocks(within: limiter.portion)
            granted.from = limiter.reserve(granted.bytes, at: now)
        }
        if granted.from <= now { return .bytes(granted.bytes) }
        // The limit may be newer than this block, which must be whole before anything else can be said.
        return batch.begun > 0 ? .bytes(batch.begun) : .wait(until: granted.from)
    }

    /// So many bytes of the batch have been sent.
    mutating func sent(_ count: Int) {
        // Without a limit nothing was granted, though there may be one by now.
        granted.bytes = max(0, granted.bytes - count)
    }

    /// The link ends, or its limits are others now: what it has not sent is for others.
    mutating func giveBackGranted() {
        limiters.upload?.giveBack(granted.bytes)
        granted.bytes = 0
    }
}
