import PeerEvents
import TorrentCore
import TorrentIO

/// The sockets on which a node takes connections.
struct Listening: Sendable {
    let listeners: [TCPListener]
    /// Why there is none of IPv6, where this machine knows IPv6.
    private(set) var missing: PeerNotice?

    var endpoints: [Endpoint] { listeners.map(\.endpoint) }
    var port: UInt16 { listeners.first?.endpoint.port ?? 0 }

    /// A port that the user gave is used or fails; otherwise the first from 6881 up that is free on IPv4 and, if
    /// available, IPv6.
    init(_ endpoint: Endpoint?) throws(PeerFailure) {
        do throws(SystemError) {
            if let endpoint, !endpoint.address.isUnspecified {
                listeners = [try TCPListener(endpoint)]
                return
            }
            let first =
                if let endpoint {
                    try TCPListener(Endpoint(.anyV4, port: endpoint.port))
                } else {
                    try Sockets.firstFreePort { (port) throws(SystemError) in
                        try TCPListener(Endpoint(.anyV4, port: port))
                    }
                }
            (listeners, missing) = Self.withV6(first)
        } catch {
            let port = endpoint.map { "\($0)" } ?? "any port"
            let advice = error.isAddressInUse ? "; choose another with --listen, or leave it out" : ""
            throw PeerFailure(.network, "cannot listen on \(port): \(error.text.lowercased())\(advice)")
        }
    }

    private static func withV6(_ first: TCPListener) -> ([TCPListener], PeerNotice?) {
        let endpoint = Endpoint(.anyV6, port: first.endpoint.port)
        do throws(SystemError) {
            return ([first, try TCPListener(endpoint)], nil)
        } catch {
            guard !error.isFamilyMissing else { return ([first], nil) }
            let text = "not listening on \(endpoint): \(error.text.lowercased()); peers reach us by IPv4 alone"
            return ([first], PeerNotice(code: "listen_failed", text: text))
        }
    }
}
