// From how far an address can be reached, and who is near it.

extension IPAddress {
    /// From how far an address can be reached, from nowhere to everywhere.
    public enum Scope: UInt8, Sendable, CaseIterable {
        /// Nobody can be there: no address, a group, everybody, or a range that is kept for other things.
        case unusable
        /// This machine alone: 127/8, ::1.
        case loopback
        /// The network at the other end of the cable: 169.254/16, fe80::/10 (RFC 3927, RFC 4291).
        case link
        /// A network that somebody runs for himself: 10/8, 172.16/12, 192.168/16 (RFC 1918), 100.64/10 behind a
        /// provider's translation or in an overlay (RFC 6598), fc00::/7 (RFC 4193), fec0::/10 as it once was.
        case site
        /// Everywhere.
        case world

        /// It means another machine depending on where it is said.
        public var isLocal: Bool { self == .loopback || self == .link || self == .site }
    }

    public var scope: Scope {
        switch self {
        case .v4(let address): Self.scope(address)
        case .v6(let high, let low): Self.scope(high, low)
        }
    }

    private static func scope(_ address: UInt32) -> Scope {
        switch address {
        // "This network" (RFC 1122), groups, what was never given out, and everybody on the link.
        case 0x0000_0000...0x00FF_FFFF, 0xE000_0000...0xFFFF_FFFF: .unusable
        case 0x7F00_0000...0x7FFF_FFFF: .loopback
        case 0xA9FE_0000...0xA9FE_FFFF: .link
        case 0x0A00_0000...0x0AFF_FFFF, 0x6440_0000...0x647F_FFFF, 0xAC10_0000...0xAC1F_FFFF,
            0xC0A8_0000...0xC0A8_FFFF:
            .site
        default: .world
        }
    }

    private static func scope(_ high: UInt64, _ low: UInt64) -> Scope {
        // ::ffff:a.b.c.d is IPv4, however it came about.
        if high == 0, low >> 32 == 0xFFFF { return scope(UInt32(truncatingIfNeeded: low)) }
        // ::/64 but for ::1: no address, or a form of IPv4 addresses that is used no more.
        if high == 0 { return low == 1 ? .loopback : .unusable }
        if high >> 56 == 0xFF { return .unusable }
        return switch high >> 54 {
        case 0xFE80 >> 6: .link
        case 0xFEC0 >> 6: .site
        default: high >> 57 == 0xFC >> 1 ? .site : .world
        }
    }

    /// The block that most likely belongs to one site: /24 of IPv4, /48 of IPv6.
    public var neighbourhood: AddressBlock {
        switch self {
        case .v4: AddressBlock(self, prefixLength: 24)
        case .v6: AddressBlock(self, prefixLength: 48)
        }
    }
}
