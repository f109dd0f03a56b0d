import Synchronization
package import TorrentCore

/// A token bucket for many links, on whichever reactor: `rate` bytes a second, at most a quarter of a second's worth at
/// once. It may stand within another, as the limit of a torrent does within that of its node: whoever draws on it draws
/// on both, and the stricter one decides.
///
/// There are two ways to draw on it: to take what is there, and to reserve what cannot be divided, which may leave a
/// debt that time pays. Reservations come in the order in which they were made, so nobody is passed over.
package final class SharedRateLimiter: Sendable {
    private struct Bucket {
        /// Bytes a second; nil is no limit.
        var rate: Int?
        var tokens: Double
        var filledAt: Moment

        init(rate: Int?, at now: Moment) {
            self.rate = rate
            tokens = 0
            filledAt = now
            tokens = depth
        }

        var depth: Double { rate.map { max(Double($0) / 4, 1) } ?? 0 }

        /// Its rate, after the tokens have been filled up; nil if there is no limit.
        mutating func filledRate(at now: Moment) -> Double? {
            guard let rate else { return nil }
            if now > filledAt {
                tokens = min(depth, tokens + (now - filledAt).inSeconds * Double(rate))
                filledAt = now
            }
            return Double(rate)
        }
    }

    private let outer: SharedRateLimiter?
    private let bucket: Mutex<Bucket>
    private let hasRate: Atomic<Bool>

    /// `rate` is at least one byte a second; nil is no limit for now.
    package init(rate: Int?, within outer: SharedRateLimiter? = nil, at now: Moment) {
        precondition(rate.map { $0 > 0 } ?? true, "no limit is nil")
        self.outer = outer
        bucket = Mutex(Bucket(rate: rate, at: now))
        hasRate = Atomic(rate != nil)
    }

    /// False if there is no limit at this moment, here or around it.
    package var isLimiting: Bool { hasRate.load(ordering: .relaxed) || outer?.isLimiting == true }

    /// Another limit from now on. Debts are forgiven, so links that wait for their time must be told.
    package func setRate(_ rate: Int?, at now: Moment) {
        precondition(rate.map { $0 > 0 } ?? true, "no limit is nil")
        bucket.withLock { bucket in
            guard bucket.rate != rate else { return }
            bucket = Bucket(rate: rate, at: now)
        }
        hasRate.store(rate != nil, ordering: .relaxed)
    }

    /// Takes as many bytes as there are, `count` at the most.
    package func take(upTo count: Int, at now: Moment) -> Int {
        let mine = bucket.withLock { bucket in
            guard bucket.filledRate(at: now) != nil else { return count }
            let taken = max(0, min(Double(count), bucket.tokens.rounded(.down)))
            bucket.tokens -= taken
            return Int(taken)
        }
        guard let outer else { return mine }
        let taken = outer.take(upTo: mine, at: now)
        giveBackMine(mine - taken)
        return taken
    }

    /// Bytes to reserve at once where there is a choice: a twentieth of a second.
    package var portion: Int {
        min(bucket.withLock { $0.rate.map { $0 / 20 } } ?? .max, outer?.portion ?? .max)
    }

    /// Sets `count` bytes aside; the answer is when they may go.
    package func reserve(_ count: Int, at now: Moment) -> Moment {
        let mine = bucket.withLock { bucket in
            guard let rate = bucket.filledRate(at: now) else { return now }
            let debt = max(0, -bucket.tokens)
            bucket.tokens -= Double(count)
            return now + .seconds(debt / rate)
        }
        return max(mine, outer?.reserve(count, at: now) ?? now)
    }

    /// Returns bytes that were taken or reserved and not used.
    package func giveBack(_ count: Int) {
        giveBackMine(count)
        outer?.giveBack(count)
    }

    private func giveBackMine(_ count: Int) {
        guard count > 0 else { return }
        bucket.withLock { $0.tokens = min($0.depth, $0.tokens + Double(count)) }
    }

    /// When it is worth asking again: for a block, or for what a twentieth of a second brings if that is less.
    package func nextAvailable(at now: Moment) -> Moment {
        let mine = bucket.withLock { bucket in
            guard let rate = bucket.filledRate(at: now) else { return now }
            let wanted = min(16_384, max(1, rate / 20))
            return now + .seconds(max(0.001, (wanted - bucket.tokens) / rate))
        }
        return max(mine, outer?.nextAvailable(at: now) ?? now)
    }
}
