import Synchronization
import TorrentCore
import TorrentIO

/// The networks around this machine, by the addresses of its interfaces: who is near, and is believed (BEP 14).
struct LocalNetworks: Equatable {
    /// Each once: a machine may have thousands of addresses in one of them.
    private let blocks: [AddressBlock]

    /// What is said to be larger is no local network: of private addresses, and of those that mean the same everywhere.
    private static let shortestPrefixV4 = (site: 8, world: 20)
    private static let shortestPrefixV6 = (site: 32, world: 48)

    /// Tunnels lead far away, so they are left out.
    init(_ interfaces: [NetworkInterface]) {
        var blocks: [AddressBlock] = []
        var isKnown: Set<AddressBlock> = []
        for interface in interfaces where !interface.isTunnel {
            for address in interface.addresses where Self.isNetwork(address) {
                let block = Self.network(of: address)
                if isKnown.insert(block).inserted { blocks.append(block) }
            }
        }
        self.blocks = blocks
    }

    /// An address that DHCPv6 has given stands alone, though it is one of a /64 as all at that line are.
    private static func network(of interface: InterfaceAddress) -> AddressBlock {
        let isLeased = !interface.address.isV4 && interface.prefixLength == 128 && interface.address.scope != .loopback
        return isLeased ? AddressBlock(interface.address, prefixLength: 64) : interface.network
    }

    private static func isNetwork(_ interface: InterfaceAddress) -> Bool {
        let shortest = interface.address.isV4 ? shortestPrefixV4 : shortestPrefixV6
        return interface.prefixLength >= (interface.address.scope.isLocal ? shortest.site : shortest.world)
    }

    /// On this machine, or on a network that it is in, with no router between.
    func contains(_ address: IPAddress) -> Bool {
        switch address.scope {
        case .unusable: false
        case .loopback: true
        // Those of IPv4 are found at the ends of tunnels, and are routed to.
        case .link where !address.isV4: true
        case .link, .site, .world: blocks.contains { $0.contains(address) }
        }
    }
}

/// The same as they are now, looked at anew every few seconds where somebody asks. For any thread.
final class CurrentNetworks: Sendable {
    private struct State {
        var networks = LocalNetworks([])
        var lookAgain = Moment.zero
    }

    private let state = Mutex(State())
    private static let patience = Duration.seconds(10)

    func contains(_ address: IPAddress, at now: Moment) -> Bool {
        state.withLock { state in
            if now >= state.lookAgain {
                // Where the system does not say, as without descriptors, what was so is so still.
                if let interfaces = NetworkInterface.look() { state.networks = LocalNetworks(interfaces) }
                state.lookAgain = now + Self.patience
            }
            return state.networks.contains(address)
        }
    }
}
