import Glibc
package import TorrentCore

/// An address of this machine and the network that it is in.
package struct InterfaceAddress: Sendable, Hashable {
    package let address: IPAddress
    /// Leading bits that the addresses of the network share.
    package let prefixLength: Int

    /// Of all interfaces that are up, in the system's order (getifaddrs); empty if the system does not say.
    package static func all() -> [InterfaceAddress] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [InterfaceAddress] = []
        var next = first
        while let interface = next {
            next = interface.pointee.ifa_next
            guard interface.pointee.ifa_flags & UInt32(IFF_UP.rawValue) != 0,
                let address = ipAddress(interface.pointee.ifa_addr)
            else { continue }
            let mask = ipAddress(interface.pointee.ifa_netmask)
            found.append(InterfaceAddress(address: address, prefixLength: prefixLength(mask, of: address)))
        }
        return found
    }

    private static func ipAddress(_ pointer: UnsafeMutablePointer<sockaddr>?) -> IPAddress? {
        guard let pointer else { return nil }
        // What is pointed at may be shorter than the largest address: only as much as its family has is read.
        let raw = UnsafeRawPointer(pointer)
        switch Int32(pointer.pointee.sa_family) {
        case AF_INET: return .v4(UInt32(bigEndian: raw.load(as: sockaddr_in.self).sin_addr.s_addr))
        case AF_INET6:
            let value = raw.load(as: sockaddr_in6.self)
            return withUnsafeBytes(of: value.sin6_addr) {
                .v6(
                    UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            }
        default: return nil
        }
    }

    private static func prefixLength(_ mask: IPAddress?, of address: IPAddress) -> Int {
        switch mask {
        case .v4(let bits): bits.nonzeroBitCount
        case .v6(let high, let low): high.nonzeroBitCount + low.nonzeroBitCount
        case nil: address.isV4 ? 32 : 128
        }
    }
}
