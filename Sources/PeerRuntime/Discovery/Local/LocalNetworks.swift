import Synchronization
import TorrentCore
import TorrentIO

/// The networks around this machine, by the addresses of its interfaces: who is near, and is believed (BEP 14).
struct LocalNetworks: Equatable {
    private let interfaces: [InterfaceAddress]

    /// What is said to be larger is no local network: of private addresses, and of those that mean the same everywhere.
    private static let shortestPrefixV4 = (site: 8, world: 20)
    private static let shortestPrefixV6 = (site: 32, world: 48)

    /// Tunnels lead far away, so they are left out.
    init(_ interfaces: [NetworkInterface]) {
        self.interfaces = interfaces.filter { !$0.isTunnel }.flatMap(\.addresses).filter(Self.isNetwork)
    }

    private static func isNetwork(_ interface: InterfaceAddress) -> Bool {
        let shortest = interface.address.isV4 ? shortestPrefixV4 : shortestPrefixV6
        return interface.prefixLength >= (interface.address.scope.isLocal ? shortest.site : shortest.world)
    }

    /// On this machine, or on a network that it is in, with no router between.
    func contains(_ address: IPAddress) -> Bool {
        switch address.scope {
        case .unusable: false
        case .loopback, .link: true
        case .site, .world: interfaces.contains { $0.network.contains(address) }
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
                state.networks = LocalNetworks(NetworkInterface.all())
                state.lookAgain = now + Self.patience
            }
            return state.networks.contains(address)
        }
    }
}
