import PeerEvents
import TorrentCore
import TorrentIO

/// The sockets at the node's port: one number for TCP and UDP, in each family.
struct ListeningSockets: Sendable {
    let listeners: [TCPListener]
    let datagrams: [UDPSocket]
    /// Another program has the port for UDP, so that datagrams leave by another one.
    let isApart: Bool
    /// Why nobody reaches us over IPv6, where this machine knows IPv6.
    let missing: PeerNotice?

    var endpoints: [Endpoint] { listeners.map(\.endpoint) }
    /// In which families whoever hears of us on the local network can connect to us.
    var localGroups: [LocalGroup] {
        LocalGroup.allCases.filter { group in endpoints.contains { $0.address.isV4 == (group == .v4) } }
    }
    /// Where others can connect to us.
    var port: UInt16 { listeners[0].endpoint.port }

    /// How often the system is let pick a port, until it is one that is free for both.
    private static let picks = 16

    /// A port that the user gave is used or fails; otherwise the first from 6881 up that is free. UDP has no part in
    /// failing: trackers can be asked from any port.
    init(at wanted: Endpoint?) throws(PeerFailure) {
        do throws(SystemError) {
            if let wanted, wanted.port != 0 {
                self = try Self.open(wanted, insists: false)
            } else if let wanted {
                self = try Self.pick(wanted.address)
            } else {
                self = try Sockets.firstFreePort { (port) throws(SystemError) in
                    port == 0 ? try Self.pick(.anyV4) : try Self.open(Endpoint(.anyV4, port: port), insists: true)
                }
            }
        } catch {
            let place = wanted.map { "\($0)" } ?? "any port"
            let advice = error.isAddressInUse ? "; choose another with --listen, or leave it out" : ""
            throw PeerFailure(.network, "cannot listen on \(place): \(error.text.lowercased())\(advice)")
        }
    }

    /// At a port that the system picks.
    private static func pick(_ address: IPAddress) throws(SystemError) -> ListeningSockets {
        for _ in 1..<picks {
            do throws(SystemError) {
                return try open(Endpoint(address, port: 0), insists: true)
            } catch {
                guard error.isAddressInUse else { throw error }
            }
        }
        return try open(Endpoint(address, port: 0), insists: false)
    }

    /// At one address, or if it is none in particular at all of both families, as far as there are. With `insists`
    /// a port that is taken for UDP alone is as good as taken.
    private static func open(_ endpoint: Endpoint, insists: Bool) throws(SystemError) -> ListeningSockets {
        let isEverywhere = endpoint.address.isUnspecified
        let first = try TCPListener(isEverywhere ? Endpoint(.anyV4, port: endpoint.port) : endpoint)
        let (datagrams, isApart) = try openDatagrams(first.endpoint, insists: insists)
        guard isEverywhere else {
            return ListeningSockets(listeners: [first], datagrams: [datagrams], isApart: isApart, missing: nil)
        }
        let place = Endpoint(.anyV6, port: first.endpoint.port)
        let (second, missing) = listenBeside(place)
        let others = try openDatagrams(place, insists: false)
        return ListeningSockets(
            listeners: [first] + (second.map { [$0] } ?? []), datagrams: [datagrams, others.socket],
            isApart: isApart || second != nil && others.isApart, missing: missing)
    }

    /// Over IPv6, too, or why not.
    private static func listenBeside(_ place: Endpoint) -> (TCPListener?, PeerNotice?) {
        do throws(SystemError) {
            return (try TCPListener(place), nil)
        } catch {
            guard !error.isFamilyMissing else { return (nil, nil) }
            let text = "not listening on \(place): \(error.text.lowercased()); peers reach us by IPv4 alone"
            return (nil, PeerNotice(code: "listen_failed", text: text))
        }
    }

    private static func openDatagrams(
        _ endpoint: Endpoint, insists: Bool
    ) throws(SystemError) -> (socket: UDPSocket?, isApart: Bool) {
        do throws(SystemError) {
            return (try UDPSocket(endpoint), false)
        } catch {
            guard !insists else { throw error }
            return (try? UDPSocket(Endpoint(endpoint.address, port: 0)), error.isAddressInUse)
        }
    }

    private init(listeners: [TCPListener], datagrams: [UDPSocket?], isApart: Bool, missing: PeerNotice?) {
        self.listeners = listeners
        self.datagrams = datagrams.compactMap(\.self)
        self.isApart = isApart
        self.missing = missing
    }

    /// What there is to say to someone whose torrent has trackers over UDP.
    func remark(on trackers: TrackerTiers) -> PeerNotice? {
        guard isApart, trackers.tiers.joined().contains(where: { $0.scheme == .udp }) else { return nil }
        return PeerNotice(
            code: "udp_port_taken",
            text: "UDP port \(port) is taken by another program: trackers over UDP are asked from another port")
    }
}
