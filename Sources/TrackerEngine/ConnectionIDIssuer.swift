package import TorrentCore

/// Proves that a UDP sender receives at the address it claims, without remembering anybody: a connection id is a keyed
/// hash of address and minute (BEP 15).
package struct ConnectionIDIssuer: Sendable {
    private let hash: SipHash

    /// `secret` must be unknown to others, and may change with each run.
    package init(secret: (UInt64, UInt64)) {
        hash = SipHash(key: secret)
    }

    /// The id for a request that came from `address` at `now`; the same within a minute.
    package func issue(to address: IPAddress, at now: Moment) -> UDPConnectionID {
        identifier(of: address, minute: Self.minute(now))
    }

    /// True for two minutes after the id was issued, and for at most three.
    package func accepts(_ identifier: UDPConnectionID, from address: IPAddress, at now: Moment) -> Bool {
        let minute = Self.minute(now)
        return (0...2).contains { self.identifier(of: address, minute: minute &- $0) == identifier }
            // Another lane may have read the clock a little later than this one.
            || self.identifier(of: address, minute: minute &+ 1) == identifier
    }

    private static func minute(_ now: Moment) -> UInt64 { UInt64(bitPattern: now.minutes) }

    private func identifier(of address: IPAddress, minute: UInt64) -> UDPConnectionID {
        switch address {
        // No minute reaches the bit that tells the families apart.
        case .v4(let value): UDPConnectionID(hash.hash(UInt64(value), minute | 1 << 63))
        case .v6(let high, let low): UDPConnectionID(hash.hash(high, hash.hash(low, minute)))
        }
    }
}
