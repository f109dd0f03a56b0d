import Glibc
package import TorrentCore

/// The addresses of this machine.
package enum NetworkInterfaces {
    /// Of all interfaces that are up, each once, in the system's order; loopback included.
    package static func addresses() -> [IPAddress] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0, let list else { return [] }
        defer { freeifaddrs(list) }
        var addresses: [IPAddress] = []
        var next: UnsafeMutablePointer<ifaddrs>? = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard entry.pointee.ifa_flags & UInt32(IFF_UP) != 0,
                let address = entry.pointee.ifa_addr.flatMap({ SocketAddress(copying: $0).endpoint?.address }),
                !addresses.contains(address)
            else { continue }
            addresses.append(address)
        }
        return addresses
    }
}
