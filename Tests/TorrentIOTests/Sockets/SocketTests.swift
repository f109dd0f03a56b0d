import Glibc
import Testing
import TorrentCore

@testable import TorrentIO

/// Waits until `descriptor` is ready, ten seconds at most.
func waitUntilReady(_ descriptor: Descriptor, _ events: Int32) -> Bool {
    var entry = pollfd(fd: descriptor.number, events: Int16(events), revents: 0)
    return poll(&entry, 1, 10_000) == 1
}

@Suite struct SocketTests {
    static let loopbacks = [IPAddress.loopbackV4, .loopbackV6]

    @Test(arguments: loopbacks)
    func aConnectionKnowsBothItsEnds(address: IPAddress) throws {
        let listener = try TCPListener(Endpoint(address, port: 0))
        #expect(listener.endpoint.address == address && listener.endpoint.port != 0)
        #expect(try listener.accept() == nil)
        let near = try Sockets.connectTCP(to: listener.endpoint)
        #expect(waitUntilReady(near, Int32(POLLOUT)))
        try Sockets.connectResult(near)
        #expect(waitUntilReady(listener.descriptor, Int32(POLLIN)))
        let (far, from) = try #require(try listener.accept())
        #expect(from == Sockets.localEndpoint(of: near))
        #expect(Sockets.localEndpoint(of: far) == listener.endpoint)

        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(try bytes.withUnsafeMutableBytes { try far.read(into: $0) } == nil)
        var parts = ([1, 2, 3] as [UInt8], [4, 5] as [UInt8])
        let sent = try parts.0.withUnsafeMutableBytes { first in
            try parts.1.withUnsafeMutableBytes { second in
                try [
                    iovec(iov_base: first.baseAddress, iov_len: 3), iovec(iov_base: second.baseAddress, iov_len: 2),
                ].withUnsafeBufferPointer { try near.send($0) }
            }
        }
        #expect(sent == 5)
        #expect(waitUntilReady(far, Int32(POLLIN)))
        #expect(try bytes.withUnsafeMutableBytes { try far.read(into: $0) } == 5)
        #expect(bytes[..<5] == [1, 2, 3, 4, 5])
        near.close()
        #expect(waitUntilReady(far, Int32(POLLIN)))
        #expect(try bytes.withUnsafeMutableBytes { try far.read(into: $0) } == 0)
    }

    @Test func onlyANearConnectionGetsAShortSendBuffer() throws {
        let listener = try TCPListener(Endpoint(.loopbackV4, port: 0))
        let near = try Sockets.connectTCP(to: listener.endpoint)
        #expect(waitUntilReady(near, Int32(POLLOUT)))
        Sockets.shortenSendBufferIfNear(near)
        var size: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        #expect(getsockopt(near.number, SOL_SOCKET, SO_SNDBUF, &size, &length) == 0)
        #expect((1...416 << 10).contains(size))
        #expect(Sockets.sendBuffer(shortestRoundTrip: .microseconds(1_000)) == 208 << 10)
        #expect(Sockets.sendBuffer(shortestRoundTrip: .microseconds(1_001)) == nil)
        #expect(Sockets.sendBuffer(shortestRoundTrip: nil) == nil)
    }

    @Test func sendingToWhoIsGoneIsAnErrorAndNoSignal() throws {
        let listener = try TCPListener(Endpoint(.loopbackV4, port: 0))
        let near = try Sockets.connectTCP(to: listener.endpoint)
        #expect(waitUntilReady(listener.descriptor, Int32(POLLIN)))
        try #require(try listener.accept()).0.close()
        #expect(waitUntilReady(near, Int32(POLLIN)))
        shutdown(near.number, Int32(SHUT_WR))
        #expect(throws: SystemError(code: EPIPE, call: "send")) {
            try [UInt8](repeating: 1, count: 10).withUnsafeBytes { try near.send($0) }
        }
    }

    @Test func aTakenPortIsSaidAndTheNextFreeOneFound() throws {
        let taken = try TCPListener(Endpoint(.loopbackV4, port: 0))
        let port = taken.endpoint.port
        #expect(throws: SystemError(code: EADDRINUSE, call: "bind")) { try TCPListener(taken.endpoint) }
        let next = try Sockets.firstFreePort(from: port) { port throws(SystemError) in
            try TCPListener(Endpoint(.loopbackV4, port: port))
        }
        #expect(next.endpoint.port != port)
        // Both families have the same port, side by side.
        _ = try TCPListener(Endpoint(.loopbackV6, port: port))
    }

    @Test func severalListenersShareAPort() throws {
        let first = try TCPListener(Endpoint(.loopbackV4, port: 0), options: .sharesPort)
        let second = try TCPListener(first.endpoint, options: .sharesPort)
        #expect(first.endpoint == second.endpoint)
    }

    @Test func theLoopbackIsAmongOurAddresses() {
        #expect(InterfaceAddress.all().contains(InterfaceAddress(.loopbackV4, prefixLength: 8)))
    }
}
