import Glibc
import Testing
import TorrentCore
import TorrentIO

/// A socket that waits, at most ten seconds, for the servers that tests talk to.
final class BlockingSocket {
    private let descriptor: Descriptor
    private let datagrams: UDPSocket?

    /// A TCP connection.
    init(connectingTo endpoint: Endpoint) throws {
        descriptor = try Sockets.connectTCP(to: endpoint)
        datagrams = nil
        try #require(isReady(Int16(POLLOUT)))
        try Sockets.connectResult(descriptor)
    }

    /// One that takes little before it is read.
    convenience init(slowlyReading endpoint: Endpoint) throws {
        try self.init(connectingTo: endpoint)
        var bytes: Int32 = 16_384
        setsockopt(descriptor.number, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }

    /// A UDP socket.
    init(boundTo address: IPAddress) throws {
        let socket = try UDPSocket(Endpoint(address, port: 0))
        descriptor = socket.descriptor
        datagrams = socket
    }

    /// A UDP socket of somebody else's.
    init(_ socket: UDPSocket) {
        descriptor = socket.descriptor
        datagrams = socket
    }

    /// Whether there is something to be received, before long.
    func isReady() -> Bool { isReady(Int16(POLLIN)) }

    private func isReady(_ events: Int16) -> Bool {
        var entry = pollfd(fd: descriptor.number, events: events, revents: 0)
        return poll(&entry, 1, 10_000) == 1
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try #require(isReady(Int16(POLLOUT)))
            rest = rest.dropFirst(try rest.withUnsafeBytes { try descriptor.send($0) } ?? 0)
        }
    }

    /// What comes next; empty at the end, nil if the connection was reset or nothing came.
    func receive() -> [UInt8]? {
        guard isReady(Int16(POLLIN)) else { return nil }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        guard let count = try? buffer.withUnsafeMutableBytes({ try descriptor.read(into: $0) }) else { return nil }
        return Array(buffer[..<count])
    }

    /// All that comes until the other end closes; nil if it ends otherwise.
    func receiveToEnd() -> String? {
        var bytes: [UInt8] = []
        while let more = receive() {
            if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += more
        }
        return nil
    }

    /// One HTTP answer whose length is said.
    func receiveAnswer() throws -> HTTPResponseReader {
        var reader = HTTPResponseReader()
        while !reader.isComplete {
            // A byte at a time would leave the next answer alone; the tests that pipeline take the stream instead.
            let bytes = try #require(receive())
            try #require(!bytes.isEmpty)
            try bytes.withBytes { try reader.receive($0) }
        }
        return reader
    }

    /// Sends a packet and waits for the answer, and from where it came.
    func exchange(_ packet: [UInt8], with endpoint: Endpoint) throws -> (bytes: [UInt8], from: Endpoint) {
        let datagrams = try #require(self.datagrams)
        try datagrams.send(packet, to: endpoint)
        try #require(isReady(Int16(POLLIN)))
        var buffer = [UInt8](repeating: 0, count: 2_000)
        let (count, source) = try #require(try buffer.withUnsafeMutableBytes { try datagrams.receive(into: $0) })
        return (Array(buffer[..<count]), source)
    }
}
