import TorrentCore

/// Where we are in the world: our addresses and the networks around us, as far as they are known. Says which addresses
/// make sense from whom, and how much we ought to be connected to each.
struct OurPlaces {
    /// Where we found ourselves when we connected there.
    private var met: [Endpoint] = []
    /// How others see us (BEP 10, BEP 24), of each family.
    private var externalV4: IPAddress?
    private var externalV6: IPAddress?
    /// Where we listen; 0 if that is not known.
    private let port: UInt16
    private let interfaces: [InterfaceAddress]

    private static let mostMet = 16
    /// A network of this machine that is said to be larger is no LAN.
    private static let shortestPrefixV4 = 8
    private static let shortestPrefixV6 = 32
    /// Where all are neighbours, as on a LAN with local addresses.
    private static let shortestPrefixOfLabV4 = 20
    private static let shortestPrefixOfLabV6 = 48

    init(port: UInt16, interfaces: [InterfaceAddress]) {
        self.port = port
        self.interfaces = interfaces
    }

    // MARK: Which addresses make sense

    /// How near whoever told us of peers is: the local addresses that it may know are those which mean the same there
    /// as here. People may name any.
    func standpoint(of source: PeerSource, at teller: IPAddress?) -> IPAddress.Scope {
        if source.isNamed { return .loopback }
        guard let teller else { return .world }
        let scope = teller.scope
        if scope == .loopback || interfaces.contains(where: { $0.address == teller }) { return .loopback }
        if scope.isLocal || interfaces.contains(where: { Self.isNetwork($0) && $0.network.contains(teller) }) {
            return .site
        }
        return .world
    }

    private static func isNetwork(_ interface: InterfaceAddress) -> Bool {
        interface.prefixLength >= (interface.address.isV4 ? shortestPrefixV4 : shortestPrefixV6)
    }

    /// Whether that is a machine of a network that we are in, though it can be reached from everywhere: a lab with
    /// public addresses. One who is not near may mean anybody there.
    func areNear(_ endpoint: Endpoint, from standpoint: IPAddress.Scope) -> Bool {
        guard standpoint.isLocal, endpoint.address.scope == .world else { return false }
        return interfaces.contains { Self.isLab($0) && $0.network.contains(endpoint.address) }
    }

    private static func isLab(_ interface: InterfaceAddress) -> Bool {
        interface.prefixLength >= (interface.address.isV4 ? shortestPrefixOfLabV4 : shortestPrefixOfLabV6)
    }

    /// Whether a peer can be there, as far as one at `standpoint` can know. The LAN of another is as good as ours: two
    /// may lie behind one tracker.
    func isPlausible(_ endpoint: Endpoint, from standpoint: IPAddress.Scope) -> Bool {
        guard endpoint.port != 0 else { return false }
        switch endpoint.address.scope {
        case .unusable: return false
        case .loopback: return standpoint == .loopback
        case .link, .site:
            return standpoint.isLocal && !interfaces.contains { $0.network.broadcast == endpoint.address }
        case .world: return true
        }
    }

    /// We connected to ourselves at this address: it is not used again.
    mutating func met(_ endpoint: Endpoint) {
        if met.count < Self.mostMet, !met.contains(endpoint) { met.append(endpoint) }
    }

    /// Whether we are there. People may know better than those who see us: then we try.
    func areOurs(_ endpoint: Endpoint, from source: PeerSource) -> Bool {
        if met.contains(endpoint) { return true }
        guard !source.isNamed, port != 0, endpoint.port == port else { return false }
        return external(like: endpoint.address) == endpoint.address
    }

    // MARK: How others see us

    /// False if that is no news.
    mutating func learned(_ address: IPAddress) -> Bool {
        guard external(like: address) != address else { return false }
        if address.isV4 { externalV4 = address } else { externalV6 = address }
        return true
    }

    private func external(like address: IPAddress) -> IPAddress? { address.isV4 ? externalV4 : externalV6 }

    /// How others see us is known, in one family at the least.
    var areKnown: Bool { externalV4 != nil || externalV6 != nil }

    /// The higher, the more we ought to be connected to it (BEP 40). Whoever is near goes first; where one of the two
    /// addresses that it takes is not known, it is neither high nor low.
    func priority(of endpoint: Endpoint) -> UInt32 {
        if endpoint.address.scope.isLocal { return .max }
        guard let ours = external(like: endpoint.address) else { return .max / 2 }
        return PeerPriority.between(Endpoint(ours, port: port), endpoint) ?? .max / 2
    }
}
