import TorrentCore
import TorrentIO

/// The sockets of a tracker: for each address one of TCP and one of UDP, all on the same port.
struct BoundSockets {
    private(set) var listeners: [TCPListener] = []
    private(set) var datagrams: [UDPSocket] = []
    private(set) var endpoints: [Endpoint] = []

    /// How often a port that the system picked for the first socket is given up because another has it.
    private static let tries = 20

    init(_ configuration: TrackerConfiguration) throws(TrackerServerError) {
        // Everywhere: a machine without IPv6, or without IPv4, is no reason to give up.
        let isEverywhere = configuration.addresses.isEmpty
        let addresses = isEverywhere ? [.anyV4, .anyV6] : configuration.addresses
        var left = configuration.port == 0 ? Self.tries : 1
        while true {
            left -= 1
            do throws(TrackerServerError) {
                try bind(addresses, port: configuration.port, mayLack: isEverywhere)
                return
            } catch {
                close()
                guard case .portTaken = error, left > 0 else { throw error }
            }
        }
    }

    private mutating func bind(
        _ addresses: [IPAddress], port: UInt16, mayLack: Bool
    ) throws(TrackerServerError) {
        var missing: TrackerServerError?
        for address in addresses {
            let endpoint = Endpoint(address, port: port == 0 ? endpoints.first?.port ?? 0 : port)
            do throws(SystemError) {
                let listener = try TCPListener(endpoint)
                listeners.append(listener)
                datagrams.append(try UDPSocket(listener.endpoint))
                endpoints.append(listener.endpoint)
            } catch {
                if error.isAddressInUse { throw .portTaken(endpoint) }
                let failure = TrackerServerError.cannotListen(endpoint, reason: error.text)
                guard mayLack else { throw failure }
                missing = failure
            }
        }
        if endpoints.isEmpty, let missing { throw missing }
    }

    private mutating func close() {
        for listener in listeners { listener.close() }
        for socket in datagrams { socket.close() }
        (listeners, datagrams, endpoints) = ([], [], [])
    }
}
