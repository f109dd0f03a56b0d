import Glibc
import TestSupport
import Testing
import TorrentCore
import TorrentIO

/// On loopback alone. A port of its own keeps out who else may be there.
@Suite struct MulticastSocketTests {
    private static func loopback() throws -> NetworkInterface {
        try #require(NetworkInterface.all().first { $0.isLoopback })
    }

    private static func group() -> Endpoint {
        Endpoint(LocalGroup.v4.endpoint.address, port: .random(in: 1_024...30_000))
    }

    private static func hear(_ socket: MulticastSocket) async throws -> (String, Endpoint)? {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 8)
        defer { room.deallocate() }
        var heard: (String, Endpoint)?
        _ = try await eventually(within: .seconds(5)) {
            guard let (length, sender) = try socket.receive(into: room) else { return false }
            heard = (String(decoding: room[..<length], as: UTF8.self), sender)
            return true
        }
        return heard
    }

    @Test func `several sockets at one port hear each word, the speaker's own too`() async throws {
        let (group, lo) = (Self.group(), try Self.loopback())
        let sockets = try (0..<3).map { _ in try MulticastSocket(group: group) }
        for socket in sockets {
            try socket.join(lo.index)
            try socket.join(lo.index)
        }
        try sockets[0].send(Array("here".utf8), on: lo.index, from: .loopbackV4)
        for socket in sockets {
            let (text, sender) = try #require(try await Self.hear(socket))
            #expect(text == "here" && sender == Endpoint(.loopbackV4, port: group.port))
        }
    }

    @Test func `with a source of its own all comes from there`() async throws {
        let (group, lo) = (Self.group(), try Self.loopback())
        let source = try #require(IPAddress("127.0.0.9"))
        let (hearer, speaker) = (try MulticastSocket(group: group), try MulticastSocket(group: group, source: source))
        for socket in [hearer, speaker] { try socket.join(lo.index) }
        try speaker.send(Array("here".utf8), on: lo.index, from: .loopbackV4)
        for socket in [hearer, speaker] {
            let heard = try #require(try await Self.hear(socket))
            #expect(heard.0 == "here" && heard.1.address == source && heard.1.port != group.port)
        }
        #expect(throws: SystemError.self) { try MulticastSocket(group: group, source: .v4(0x0808_0808)) }
    }

    /// Other programs set one option or the other to share a port.
    @Test(arguments: [[SO_REUSEADDR], [SO_REUSEADDR, SO_REUSEPORT]])
    func `the port is shared with other programs, whoever came first`(options: [Int32]) throws {
        func stranger(_ group: Endpoint) throws -> Descriptor {
            let descriptor = Descriptor(owning: socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0))
            for option in options {
                var on: Int32 = 1
                #expect(setsockopt(descriptor.number, SOL_SOCKET, option, &on, 4) == 0)
            }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = group.port.bigEndian
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            #expect(result == 0, "\(String(cString: strerror(errno)))")
            return descriptor
        }
        let (one, other) = (Self.group(), Self.group())
        let first = try stranger(one)
        let second = try MulticastSocket(group: one)
        let third = try MulticastSocket(group: other)
        let fourth = try stranger(other)
        for descriptor in [first, second.descriptor, third.descriptor, fourth] { descriptor.close() }
    }

    @Test func `who has left, or has not joined, hears nothing`() async throws {
        let (group, lo) = (Self.group(), try Self.loopback())
        let sockets = try (0..<2).map { _ in try MulticastSocket(group: group) }
        try sockets[0].join(lo.index)
        sockets[0].leave(lo.index)
        try sockets[1].join(lo.index)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 100, alignment: 8)
        defer { room.deallocate() }
        try sockets[1].send([1], on: lo.index, from: .loopbackV4)
        #expect(try await Self.hear(sockets[1]) != nil)
        // What the one has joined the other does not hear, though it is at the same port.
        #expect(try sockets[0].receive(into: room) == nil)
        // It can leave twice, and an interface that is not there can be left.
        sockets[0].leave(lo.index)
        sockets[0].leave(60_000)
        #expect(throws: SystemError.self) { try sockets[0].join(60_000) }
        #expect(throws: SystemError.self) { try sockets[0].send([1], on: 60_000, from: nil) }
    }

    @Test func `what is sent to this machine alone does not come to a socket of a group`() async throws {
        let (group, lo) = (Self.group(), try Self.loopback())
        let socket = try MulticastSocket(group: group)
        try socket.join(lo.index)
        let sender = try UDPSocket(Endpoint(.loopbackV4, port: 0))
        try sender.send(Array("alone".utf8), to: Endpoint(.loopbackV4, port: group.port))
        try socket.send(Array("all".utf8), on: lo.index, from: .loopbackV4)
        #expect(try #require(try await Self.hear(socket)).0 == "all")
    }

    @Test func `interfaces have their addresses, once each`() throws {
        let all = NetworkInterface.all()
        #expect(Set(all.map(\.index)).count == all.count)
        #expect(all.flatMap(\.addresses).count == InterfaceAddress.all().count)
        let lo = try Self.loopback()
        #expect(lo.address(isV4: true) == .loopbackV4 && !lo.isTunnel)
        #expect(NetworkInterface.all(most: 0).isEmpty)
    }

    @Test func `a link-local address is the last choice`() throws {
        let addresses = ["fe80::1/64", "192.168.1.2/24", "fd00::1/64"].compactMap { InterfaceAddress($0) }
        let interface = NetworkInterface(index: 1, addresses: addresses)
        #expect(interface.address(isV4: false) == IPAddress("fd00::1"))
        #expect(interface.address(isV4: true) == IPAddress("192.168.1.2"))
        #expect(NetworkInterface(index: 1, addresses: [addresses[0]]).address(isV4: false) == IPAddress("fe80::1"))
        #expect(NetworkInterface(index: 1, addresses: []).address(isV4: true) == nil)
    }
}
