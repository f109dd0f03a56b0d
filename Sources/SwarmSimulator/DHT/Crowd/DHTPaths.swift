package import TorrentCore

/// How long datagrams take between addresses, and which of them are lost.
///
/// A round trip has a part from each end and a part from the pair: 20 to 400 ms, 90 at the median. `Network`, which
/// serves worlds of connections, knows lines by number and queues bytes before each; here there are a hundred thousand
/// addresses, and datagrams so small that no line is ever busy with them.
package struct DHTPaths: Sendable, Hashable {
    /// Loss, repeats and lateness, as in worlds of connections.
    package var conduct = DatagramConduct()
    /// Each datagram takes up to this part of the way more or less.
    package var jitter = 0.05
    /// Seeds what belongs to the ends and the pairs.
    package var seed: UInt64 = 0

    /// One in a hundred is lost each way.
    package init() { conduct.lostOneIn = 100 }

    /// What a round trip between the two takes when nothing disturbs it, nanoseconds; the same in both directions.
    package func roundTrip(_ one: IPAddress, _ other: IPAddress) -> Int64 {
        let (left, right) = (key(one), key(other))
        let ends = end(left) + end(right)
        let milliseconds = ends * spread(left ^ right, by: 0.3)
        return Int64(min(max(milliseconds, 20), 400) * 1e6)
    }

    /// The way of one datagram; nil if it is lost. A second one if it comes twice.
    func ways(
        from sender: IPAddress, to receiver: IPAddress, chance: inout SplitMix64
    ) -> (first: Int64, second: Int64?)? {
        guard !happens(oneIn: conduct.lostOneIn, &chance) else { return nil }
        let first = way(sender, receiver, &chance)
        return (first, happens(oneIn: conduct.repeatedOneIn, &chance) ? way(sender, receiver, &chance) : nil)
    }

    private func way(_ sender: IPAddress, _ receiver: IPAddress, _ chance: inout SplitMix64) -> Int64 {
        let half = Double(roundTrip(sender, receiver)) / 2
        var way = Int64(half * Double.random(in: 1 - jitter...1 + jitter, using: &chance))
        if happens(oneIn: conduct.lateOneIn, &chance) { way += conduct.lateBy.wholeNanoseconds }
        return way
    }

    private func happens(oneIn count: Int, _ chance: inout SplitMix64) -> Bool {
        count > 0 && Int.random(in: 0..<count, using: &chance) == 0
    }

    private func key(_ address: IPAddress) -> UInt64 {
        switch address {
        case .v4(let bits): UInt64(bits)
        case .v6(let high, let low): high ^ low
        }
    }

    /// The part of one end, milliseconds: most are near, some far. The middle is 40.
    private func end(_ key: UInt64) -> Double { 40 * spread(key, by: 0.6) }

    /// Around 1, as far as `width` says, and further up than down: what belongs to `key` and never changes.
    private func spread(_ key: UInt64, by width: Double) -> Double {
        var generator = SplitMix64(seed: seed ^ key &* 0xD134_2543_DE82_EF95)
        let sum = (0..<4).reduce(0.0) { sum, _ in sum + Double.random(in: -1...1, using: &generator) }
        return (width * sum * 0.866).exponential
    }
}

extension Double {
    /// By squaring, so that it is the same on every machine.
    fileprivate var exponential: Double { (0..<10).reduce(1 + self / 1_024) { power, _ in power * power } }
}
