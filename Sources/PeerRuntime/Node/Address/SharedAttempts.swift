import Synchronization
import TorrentCore

/// Attempts to connect to public addresses that strangers have told of, over all torrents of a node, by their
/// neighbourhoods (`IPAddress.neighbourhood`). Each book calls a few places there until somebody answers
/// (`Neighbourhoods` in the brain); a hundred torrents with the same list of a victim must not call it a hundred times.
/// For any thread.
final class SharedAttempts: Sendable {
    /// One that is under way. It gives its place back when it goes, unless it has failed before.
    final class Attempt: Sendable {
        private let owner: SharedAttempts
        private let block: AddressBlock
        private let hasPlace: Mutex<Bool>

        fileprivate init(_ owner: SharedAttempts, _ block: AddressBlock, hasPlace: Bool) {
            (self.owner, self.block) = (owner, block)
            self.hasPlace = Mutex(hasPlace)
        }

        deinit { end(restingUntil: nil) }

        /// Nobody answered: its place is taken for a while.
        func failed(at now: Moment) { end(restingUntil: now + SharedAttempts.rest) }

        private func end(restingUntil rest: Moment?) {
            let hadPlace = hasPlace.withLock { hasPlace in
                defer { hasPlace = false }
                return hasPlace
            }
            if hadPlace { owner.end(block, restingUntil: rest) }
        }
    }

    fileprivate struct Places {
        var underWay = 0
        /// When those that failed are forgotten; at most `most` of them.
        var rests: [Moment] = []
    }

    fileprivate struct State {
        var blocks: [AddressBlock: Places] = [:]
        var nextSweep = Moment.zero
    }

    private let state = Mutex(State())

    /// Attempts in one neighbourhood that are without an answer.
    static let most = 24
    /// So long one that failed counts.
    static let rest = Duration.seconds(600)
    /// Neighbourhoods that are counted. Where there are more, further ones are left to the books.
    static let mostBlocks = 16_384
    /// Between two searches for what can be forgotten.
    fileprivate static let sweepPause = Duration.seconds(60)

    /// Nil where there have been enough.
    func begin(at address: IPAddress, at now: Moment) -> Attempt? {
        let block = address.neighbourhood
        return state.withLock { state in
            guard state.hasRoom(for: block, at: now) else { return Attempt(self, block, hasPlace: false) }
            var places = state.blocks[block] ?? Places()
            places.rests.removeAll { $0 <= now }
            guard places.underWay + places.rests.count < Self.most else { return nil }
            places.underWay += 1
            state.blocks[block] = places
            return Attempt(self, block, hasPlace: true)
        }
    }

    private func end(_ block: AddressBlock, restingUntil rest: Moment?) {
        state.withLock { state in
            guard var places = state.blocks[block] else { return }
            places.underWay -= 1
            if let rest { places.rests.append(rest) }
            state.blocks[block] = places.underWay == 0 && places.rests.isEmpty ? nil : places
        }
    }
}

extension SharedAttempts.State {
    /// What is over is forgotten when there is no more room, and not often.
    fileprivate mutating func hasRoom(for block: AddressBlock, at now: Moment) -> Bool {
        guard blocks.count >= SharedAttempts.mostBlocks, blocks[block] == nil else { return true }
        guard now >= nextSweep else { return false }
        nextSweep = now + SharedAttempts.sweepPause
        blocks = blocks.filter { $0.value.underWay > 0 || $0.value.rests.contains { $0 > now } }
        return blocks.count < SharedAttempts.mostBlocks
    }
}
