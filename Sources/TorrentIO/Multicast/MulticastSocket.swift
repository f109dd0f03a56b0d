import Glibc
package import TorrentCore

/// A nonblocking datagram socket that hears, and speaks to, one multicast group on interfaces of its choice. Any number
/// of them may be at the same port of one machine: each hears everything.
package final class MulticastSocket: Sendable {
    /// Address and port that it hears and speaks to.
    package let group: Endpoint
    private let socket: UDPSocket
    /// What it says leaves by this one.
    private let speaker: UDPSocket

    /// How many routers pass on what it sends: those of a site (BEP 14 wants more than one link to be possible).
    private static let hops: Int32 = 4
    /// IP_MULTICAST_ALL and IPV6_MULTICAST_ALL of Linux, which not every header has.
    private static let hearsAllJoinedV4: Int32 = 49
    private static let hearsAllJoinedV6: Int32 = 29

    /// Hears nothing before it has joined. All that it says comes from `source`, an address of this machine, or if that
    /// is nil from the port of the group.
    package init(group: Endpoint, source: IPAddress? = nil) throws(SystemError) {
        precondition(group.address.isMulticast)
        let descriptor = try Sockets.open(SocketAddress.family(of: group), SOCK_DGRAM)
        // Others set one of the two, or both: a port is shared by those who have one in common.
        Sockets.setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        Sockets.setOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
        // Else it would hear what any program of this machine has joined.
        Sockets.setOption(descriptor, Self.ipLevel, Self.hearsAllJoinedV4, 0)
        if !group.address.isV4 { Sockets.setOption(descriptor, Sockets.ipv6Level, Self.hearsAllJoinedV6, 0) }
        // At the address of the group, so that nothing comes which was sent to this machine alone, or to others.
        try Sockets.bind(descriptor, to: group)
        self.group = group
        socket = UDPSocket(descriptor, at: group)
        // Of IPv6 the system may take another address of the interface, where nobody listens.
        speaker = try source.map { (source) throws(SystemError) in try UDPSocket(Endpoint(source, port: 0)) } ?? socket
        if group.address.isV4 {
            Sockets.setOption(speaker.descriptor, Self.ipLevel, IP_MULTICAST_LOOP, 1)
            Sockets.setOption(speaker.descriptor, Self.ipLevel, IP_MULTICAST_TTL, Self.hops)
        } else {
            Sockets.setOption(speaker.descriptor, Sockets.ipv6Level, IPV6_MULTICAST_LOOP, 1)
            Sockets.setOption(speaker.descriptor, Sockets.ipv6Level, IPV6_MULTICAST_HOPS, Self.hops)
        }
    }

    /// For whoever polls it.
    package var descriptor: Descriptor { socket.descriptor }

    /// Nobody may use it from now on.
    package func close() {
        socket.close()
        speaker.close()
    }

    // MARK: Interfaces, by the numbers that the system has for them

    /// Hears from now on what is said to the group there. To join again does nothing.
    package func join(_ interface: UInt32) throws(SystemError) {
        do throws(SystemError) {
            try setMembership(interface, IP_ADD_MEMBERSHIP, IPV6_ADD_MEMBERSHIP)
        } catch {
            guard !error.isAddressInUse else { return }
            throw error
        }
    }

    /// The system leaves by itself where an interface has gone.
    package func leave(_ interface: UInt32) {
        try? setMembership(interface, IP_DROP_MEMBERSHIP, IPV6_DROP_MEMBERSHIP)
    }

    private func setMembership(_ interface: UInt32, _ v4: Int32, _ v6: Int32) throws(SystemError) {
        switch group.address {
        case .v4(let address):
            var request = ip_mreqn()
            request.imr_multiaddr.s_addr = address.bigEndian
            request.imr_ifindex = Int32(bitPattern: interface)
            try Self.set(descriptor, Self.ipLevel, v4, request)
        case .v6(let high, let low):
            var request = ipv6_mreq()
            withUnsafeMutableBytes(of: &request.ipv6mr_multiaddr) { bytes in
                bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
                bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            request.ipv6mr_interface = interface
            try Self.set(descriptor, Sockets.ipv6Level, v6, request)
        }
    }

    // MARK: Speaking and hearing

    /// Says it to the group there. Where no source was given, IPv4 leaves from `address`, one of that interface; of
    /// IPv6 the system chooses, a link-local one only if there is no other.
    package func send(_ bytes: [UInt8], on interface: UInt32, from address: IPAddress?) throws(SystemError) {
        if group.address.isV4 {
            var request = ip_mreqn()
            request.imr_ifindex = Int32(bitPattern: interface)
            if case .v4(let address)? = address { request.imr_address.s_addr = address.bigEndian }
            try Self.set(speaker.descriptor, Self.ipLevel, IP_MULTICAST_IF, request)
        } else {
            try Self.set(speaker.descriptor, Sockets.ipv6Level, IPV6_MULTICAST_IF, interface)
        }
        try speaker.send(bytes, to: group)
    }

    /// One datagram, cut to `bytes`: its length and sender; nil if there is none.
    package func receive(into bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> (Int, Endpoint)? {
        try socket.receive(into: bytes)
    }

    private static func set<Value>(
        _ descriptor: Descriptor, _ level: Int32, _ name: Int32, _ value: Value
    ) throws(SystemError) {
        let number = descriptor.number
        let result = withUnsafeBytes(of: value) {
            setsockopt(number, level, name, $0.baseAddress, socklen_t($0.count))
        }
        guard result == 0 else { throw .last("setsockopt") }
    }

    private static let ipLevel = Int32(IPPROTO_IP)
}
