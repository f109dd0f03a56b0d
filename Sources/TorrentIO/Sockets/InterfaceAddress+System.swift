import Glibc
package import TorrentCore

extension InterfaceAddress {
    /// Of all interfaces that are up, in the system's order (getifaddrs); empty if the system does not say.
    package static func all() -> [InterfaceAddress] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0, let first else { return [] }
        defer { freeifaddrs(first) }
        var found: [InterfaceAddress] = []
        var next: UnsafeMutablePointer<ifaddrs>? = first
        while let entry = next {
            next = entry.pointee.ifa_next
            if let address = InterfaceAddress(entry.pointee) { found.append(address) }
        }
        return found
    }

    /// Nil for one that is down, or whose address is neither IPv4 nor IPv6.
    init?(_ entry: ifaddrs) {
        guard entry.ifa_flags & UInt32(IFF_UP) != 0, let address = Self.ipAddress(entry.ifa_addr) else { return nil }
        let mask = Self.ipAddress(entry.ifa_netmask)
        self.init(address, prefixLength: Self.prefixLength(mask, of: address))
    }

    private static func ipAddress(_ pointer: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
        pointer.flatMap { SocketAddress(copying: $0).endpoint?.address }
    }

    private static func prefixLength(_ mask: IPAddress?, of address: IPAddress) -> Int {
        switch mask {
        case .v4(let bits)?: bits.nonzeroBitCount
        case .v6(let high, let low)?: high.nonzeroBitCount + low.nonzeroBitCount
        case nil: address.isV4 ? 32 : 128
        }
    }
}
