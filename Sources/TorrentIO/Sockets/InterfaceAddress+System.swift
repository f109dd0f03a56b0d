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
            guard entry.pointee.ifa_flags & UInt32(IFF_UP) != 0, let address = ipAddress(entry.pointee.ifa_addr) else {
                continue
            }
            let mask = ipAddress(entry.pointee.ifa_netmask)
            found.append(InterfaceAddress(address, prefixLength: prefixLength(mask, of: address)))
        }
        return found
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
