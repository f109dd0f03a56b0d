import TorrentCore
import TorrentIO

/// The sockets of a tracker: for each lane and address one of TCP and one of UDP, all on the same port.
struct BoundSockets {
    /// The sockets of one lane.
    struct LaneSockets {
        var listeners: [TCPListener] = []
        var datagrams: [UDPSocket] = []
    }

    private(set) var lanes: [LaneSockets] = []
    private(set) var endpoints: [Endpoint] = []

    /// How often another port is tried if the one that the system picked for the first socket is taken for another.
    private static let tries = 20

    init(_ configuration: TrackerConfiguration, lanes count: Int) throws(TrackerServerError) {
        // Everywhere: a machine without IPv6, or without IPv4, is no reason to give up.
        let isEverywhere = configuration.addresses.isEmpty
        let addresses = isEverywhere ? [.anyV4, .anyV6] : configuration.addresses
        var left = configuration.port == 0 ? Self.tries : 1
        while true {
            left -= 1
            do throws(TrackerServerError) {
                try bindFirst(addresses, port: configuration.port, mayLack: isEverywhere)
                if count > 1 { try share(among: count) }
                return
            } catch {
                close()
                guard case .portTaken = error, left > 0 else { throw error }
            }
        }
    }

    private mutating func bindFirst(
        _ addresses: [IPAddress], port: UInt16, mayLack: Bool
    ) throws(TrackerServerError) {
        var missing: TrackerServerError?
        lanes = [LaneSockets()]
        for address in addresses {
            let endpoint = Endpoint(address, port: port == 0 ? endpoints.first?.port ?? 0 : port)
            do throws(TrackerServerError) {
                try bind(endpoint, lane: 0, sharesPort: false)
            } catch {
                guard mayLack, case .cannotListen = error else { throw error }
                missing = error
            }
        }
        if endpoints.isEmpty, let missing { throw missing }
    }

    /// Replaces the first lane's sockets, which have shown that nobody else has the port, with one of each for every
    /// lane. Sockets that share a port from the start would also share it with a second tracker.
    private mutating func share(among count: Int) throws(TrackerServerError) {
        let bound = endpoints
        close()
        for lane in 0..<count {
            lanes.append(LaneSockets())
            endpoints = []
            for endpoint in bound { try bind(endpoint, lane: lane, sharesPort: true) }
        }
    }

    private mutating func bind(_ endpoint: Endpoint, lane: Int, sharesPort: Bool) throws(TrackerServerError) {
        do throws(SystemError) {
            // Clients speak first, so a connection is accepted only when bytes have come.
            let options: TCPListener.Options = sharesPort ? [.defersAccept, .sharesPort] : .defersAccept
            let listener = try TCPListener(endpoint, options: options)
            lanes[lane].listeners.append(listener)
            lanes[lane].datagrams.append(try UDPSocket(listener.endpoint, sharesPort: sharesPort))
            endpoints.append(listener.endpoint)
        } catch {
            throw error.isAddressInUse ? .portTaken(endpoint) : .cannotListen(endpoint, reason: error.text)
        }
    }

    private mutating func close() {
        for lane in lanes {
            for listener in lane.listeners { listener.close() }
            for socket in lane.datagrams { socket.close() }
        }
        (lanes, endpoints) = ([], [])
    }
}
