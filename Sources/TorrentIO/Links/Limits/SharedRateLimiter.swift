import Synchronization
package import TorrentCore

/// A token bucket for all links of a node, on whichever reactor: `rate` bytes a second, at most a quarter of a second's
/// worth at once.
///
/// There are two ways to draw on it: to take what is there, and to reserve what cannot be divided, which may leave a
/// debt that time pays. Reservations come in the order in which they were made, so nobody is passed over.
package final class SharedRateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filledAt: Moment
    }

    /// Bytes a second.
    package let rate: Int
    private let depth: Double
    private let bucket: Mutex<Bucket>

    /// `rate` is at least one byte a second.
    package init(rate: Int, at now: Moment) {
        precondition(rate > 0, "no limit is no limiter")
        self.rate = rate
        depth = max(Double(rate) / 4, 1)
        bucket = Mutex(Bucket(tokens: depth, filledAt: now))
    }

    /// Takes as many bytes as there are, `count` at the most.
    package func take(upTo count: Int, at now: Moment) -> Int {
        bucket.withLock { bucket in
            fill(&bucket, at: now)
            let taken = max(0, min(Double(count), bucket.tokens.rounded(.down)))
            bucket.tokens -= taken
            return Int(taken)
        }
    }

    /// Bytes to reserve at once where there is a choice: a twentieth of a second.
    package var portion: Int { rate / 20 }

    /// Sets `count` bytes aside; the answer is when they may go.
    package func reserve(_ count: Int, at now: Moment) -> Moment {
        bucket.withLock { bucket in
            fill(&bucket, at: now)
            let debt = max(0, -bucket.tokens)
            bucket.tokens -= Double(count)
            return now + .seconds(debt / Double(rate))
        }
    }

    /// Returns bytes that were taken or reserved and not used.
    package func giveBack(_ count: Int) {
        bucket.withLock { $0.tokens = min(depth, $0.tokens + Double(count)) }
    }

    /// When it is worth asking again: for a block, or for what a twentieth of a second brings if that is less.
    package func nextAvailable(at now: Moment) -> Moment {
        bucket.withLock { bucket in
            fill(&bucket, at: now)
            let wanted = min(16_384, max(1, Double(rate) / 20))
            return now + .seconds(max(0.001, (wanted - bucket.tokens) / Double(rate)))
        }
    }

    private func fill(_ bucket: inout Bucket, at now: Moment) {
        guard now > bucket.filledAt else { return }
        bucket.tokens = min(depth, bucket.tokens + (now - bucket.filledAt).inSeconds * Double(rate))
        bucket.filledAt = now
    }
}
