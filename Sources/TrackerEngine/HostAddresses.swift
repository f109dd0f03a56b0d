package import TorrentCore

/// The addresses of the machine that the tracker runs on, by which others know the peers on it.
package struct HostAddresses: Sendable, Hashable {
    /// An address and the network that it is in.
    package struct Interface: Sendable, Hashable, BitwiseCopyable {
        package var address: IPAddress
        /// Leading bits that all addresses of its network share.
        package var prefixLength: Int

        package init(_ address: IPAddress, prefixLength: Int) {
            self.address = address
            self.prefixLength = prefixLength
        }
    }

    /// Those that others can reach: no loopback addresses.
    package let interfaces: [Interface]

    package init(_ interfaces: [Interface] = []) {
        self.interfaces = interfaces.filter { !$0.address.isLoopback && !$0.address.isUnspecified }
    }

    /// Whether this machine is meant: by 127.0.0.1, ::1 or an address that others use. What listens on another address
    /// of 127/8 listens there alone.
    func contains(_ address: IPAddress) -> Bool {
        address == .loopbackV4 || address == .loopbackV6 || interfaces.contains { $0.address == address }
    }

    /// The address by which `asker`, on another machine, knows this one: that in the network they share, else one that
    /// is as public as the asker's; nil if there is none.
    package func facing(_ asker: IPAddress) -> IPAddress? {
        var best: Interface?
        for interface in interfaces where interface.address.isV4 == asker.isV4 {
            guard asker.hasPrefix(of: interface.address, bits: interface.prefixLength) else { continue }
            if best == nil || interface.prefixLength > best!.prefixLength { best = interface }
        }
        if let best { return best.address }
        return interfaces.first {
            $0.address.isV4 == asker.isV4 && (asker.reach == .network || $0.address.reach == .world)
        }?.address
    }
}

extension IPAddress {
    /// Whether the first `bits` bits are those of `other`, of the same family.
    func hasPrefix(of other: IPAddress, bits: Int) -> Bool { AddressBlock(other, prefixLength: bits).contains(self) }

    /// An address by which everybody can reach one particular machine.
    package var isOfTheWorld: Bool { scope == .world }

    /// From how far it can be reached.
    var reach: Reach {
        switch scope {
        case .loopback: .host
        case .link, .site: .network
        case .world, .unusable: .world
        }
    }

    enum Reach { case host, network, world }
}
