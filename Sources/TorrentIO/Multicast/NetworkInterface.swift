import Glibc
package import TorrentCore

/// A network interface of this machine that is up, with its addresses.
package struct NetworkInterface: Hashable, Sendable {
    /// What the system calls it in calls; another one may have the number later.
    package let index: UInt32
    /// Whoever is at the other end of a tunnel is not near.
    package let isTunnel: Bool
    package let isLoopback: Bool
    /// The system says that groups can be spoken to there; it does not say so of loopback, where they can.
    package let canMulticast: Bool
    /// Of both families, in the system's order, with the networks that they are in.
    package private(set) var addresses: [InterfaceAddress] = []

    package init(
        index: UInt32, addresses: [InterfaceAddress], isTunnel: Bool = false, isLoopback: Bool = false,
        canMulticast: Bool = true
    ) {
        self.index = index
        self.addresses = addresses
        self.isTunnel = isTunnel
        self.isLoopback = isLoopback
        self.canMulticast = canMulticast
    }

    /// The address of that family which others there can answer to, as far as there is one. A link-local one of IPv6 is
    /// the last choice.
    package func address(isV4: Bool) -> IPAddress? {
        let candidates = addresses.map(\.address).filter { $0.isV4 == isV4 }
        return candidates.first { $0.scope != .link } ?? candidates.first
    }

    /// All that are up and have an address, in the system's order (getifaddrs); nil if the system does not say. A host
    /// of containers may have thousands, so they are no more than `most`, with as many addresses each as one may have.
    package static func look(most: Int = 64) -> [NetworkInterface]? {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return nil }
        defer { freeifaddrs(first) }
        var found: [NetworkInterface] = []
        // Addresses of one stand together, and a call for each would cost more than all else.
        var last: (name: [UInt8], index: UInt32) = ([], 0)
        var next = first
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let address = InterfaceAddress(entry.pointee) else { continue }
            let name = Array(
                UnsafeRawBufferPointer(start: entry.pointee.ifa_name, count: strlen(entry.pointee.ifa_name)))
            if name != last.name {
                last = (name, if_nametoindex(entry.pointee.ifa_name))
                if last.index == 0, [EMFILE, ENFILE].contains(errno) { return nil }
            }
            if let place = found.firstIndex(where: { $0.index == last.index }) {
                guard found[place].addresses.count < mostAddresses else { continue }
                found[place].addresses.append(address)
            } else if last.index != 0, found.count < most {
                found.append(NetworkInterface(last.index, address, flags: entry.pointee.ifa_flags))
            }
        }
        return found
    }

    /// The same; empty if the system does not say.
    package static func all(most: Int = 64) -> [NetworkInterface] { look(most: most) ?? [] }

    private static let mostAddresses = 64

    private init(_ index: UInt32, _ address: InterfaceAddress, flags: UInt32) {
        func has(_ flag: Int) -> Bool { flags & UInt32(flag) != 0 }
        self.init(
            index: index, addresses: [address], isTunnel: has(IFF_POINTOPOINT),
            isLoopback: has(IFF_LOOPBACK), canMulticast: has(IFF_MULTICAST))
    }
}
