import CPosixShims
import Glibc
package import TorrentCore

/// What stream and datagram sockets have in common, and connecting.
package enum Sockets {
    /// Begins to connect, without waiting. The descriptor becomes writable once it is decided: ask `connectResult`.
    /// `source`, of the same family, is the address of ours to leave by; nil leaves it to the system.
    package static func connectTCP(
        to endpoint: Endpoint, from source: IPAddress? = nil
    ) throws(SystemError) -> Descriptor {
        let descriptor = try open(SocketAddress.family(of: endpoint), SOCK_STREAM)
        setOption(descriptor, tcpLevel, TCP_NODELAY, 1)
        if let source {
            // The connect picks the port, which may be one that is in use towards another destination.
            setOption(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
            try bind(descriptor, to: Endpoint(source, port: 0))
        }
        let result = SocketAddress(endpoint).withPointer { connect(descriptor.number, $0, $1) }
        if result != 0 {
            let error = SystemError.last("connect")
            // An interrupted connect goes on by itself, as one in progress does.
            guard error.isInProgress || error.isInterrupted else { throw error }
        }
        return descriptor
    }

    /// Throws why a connection did not come about; call it once the descriptor is writable or has hung up.
    package static func connectResult(_ descriptor: Descriptor) throws(SystemError) {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        try retrying("getsockopt") { getsockopt(descriptor.number, SOL_SOCKET, SO_ERROR, &code, &length) }
        guard code == 0 else { throw SystemError(code: code, call: "connect") }
    }

    /// Our end of a connection, or where a socket is bound; nil if it has none.
    package static func localEndpoint(of descriptor: Descriptor) -> Endpoint? {
        var address = SocketAddress()
        return address.fill { getsockname(descriptor.number, $0, $1) } == 0 ? address.endpoint : nil
    }

    /// The address of ours that what goes there leaves by; nil if no way leads there. Nothing is sent: a datagram
    /// socket that connects looks up the way and no more.
    package static func source(towards endpoint: Endpoint) -> IPAddress? {
        guard let descriptor = try? open(SocketAddress.family(of: endpoint), SOCK_DGRAM) else { return nil }
        let isConnected = SocketAddress(endpoint).withPointer { connect(descriptor.number, $0, $1) } == 0
        return isConnected ? localEndpoint(of: descriptor)?.address : nil
    }

    /// Keeps the send buffer of a connection short if the other side is near: what the kernel holds is then still in
    /// the processor's cache when it is copied out again.
    package static func shortenSendBufferIfNear(_ descriptor: Descriptor) {
        let time = p2p_shortest_round_trip(descriptor.number)
        guard let size = sendBuffer(shortestRoundTrip: time < 0 ? nil : .microseconds(time)) else { return }
        setOption(descriptor, SOL_SOCKET, SO_SNDBUF, size)
    }

    /// Bytes to ask for, given the shortest round trip, if known; nil leaves the size to the kernel, which makes
    /// it fit the distance.
    static func sendBuffer(shortestRoundTrip: Duration?) -> Int32? {
        // The kernel doubles it for its bookkeeping, and grants no more than this unless it was set up otherwise. Over
        // a millisecond it carries 200 MiB a second.
        shortestRoundTrip.map { $0 <= .milliseconds(1) } == true ? 208 << 10 : nil
    }

    /// How long bytes written now will wait in queues, compared with an idle line; nil if the system does not say.
    static func queueingTime(of descriptor: Descriptor) -> Duration? {
        let time = p2p_queueing_time(descriptor.number)
        return time < 0 ? nil : .microseconds(time)
    }

    /// Lets the kernel take so many bytes before it has sent them: while it holds fewer than half of that unsent, the
    /// connection counts as writable.
    static func limitBacklog(of descriptor: Descriptor, to bytes: Int32) {
        setOption(descriptor, tcpLevel, TCP_NOTSENT_LOWAT, bytes)
    }

    /// Calls `bind` with port after port, from `first` on, until one is free; after `tries` with 0, which lets the
    /// system pick. Errors other than "in use" and "not permitted" are thrown at once.
    package static func firstFreePort<Bound>(
        from first: UInt16 = 6_881, tries: Int = 100, _ bind: (UInt16) throws(SystemError) -> Bound
    ) throws(SystemError) -> Bound {
        for port in Int(first)..<min(Int(first) + tries, 65_536) {
            do {
                return try bind(UInt16(port))
            } catch {
                guard error.isAddressInUse || error.isNotPermitted else { throw error }
            }
        }
        return try bind(0)
    }

    static func open(_ family: Int32, _ type: __socket_type) throws(SystemError) -> Descriptor {
        let kind = Int32(type.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        return Descriptor(owning: try retrying("socket") { socket(family, kind, 0) })
    }

    /// An option that makes things better and whose refusal hurts nobody.
    @discardableResult
    static func setOption(_ descriptor: Descriptor, _ level: Int32, _ name: Int32, _ value: Int32) -> Bool {
        var value = value
        return setsockopt(descriptor.number, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }

    static func bind(_ descriptor: Descriptor, to endpoint: Endpoint) throws(SystemError) {
        // IPv4 has a socket of its own, so that every address is seen in its own family.
        if !endpoint.address.isV4 { setOption(descriptor, ipv6Level, IPV6_V6ONLY, 1) }
        let address = SocketAddress(endpoint)
        try retrying("bind") { address.withPointer { Glibc.bind(descriptor.number, $0, $1) } }
    }

    static let tcpLevel = Int32(IPPROTO_TCP)
    static let ipv6Level = Int32(IPPROTO_IPV6)
}
