import Foundation
import Glibc
import Synchronization

/// A UDP socket on loopback that answers each packet as the test's closure says.
package final class LoopbackDatagrams: Sendable {
    package let port: Int
    private let descriptor: Int32
    private let seen = Mutex<[String]>([])

    /// The packets that go back for one that came; runs on a thread of its own.
    package typealias Answer = @Sendable ([UInt8]) -> [[UInt8]]

    package init(host: String = "127.0.0.1", port: Int = 0, answer: @escaping Answer) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = LoopbackServer.address(host, port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            throw TestFailure("cannot bind \(host):\(port): errno \(errno)")
        }
        self.descriptor = descriptor
        self.port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while let packet = Self.receive(descriptor), !packet.bytes.isEmpty {
                self?.seen.withLock { $0.append(LoopbackServer.host(of: packet.sender)) }
                for reply in answer(packet.bytes) { Self.send(reply, to: packet.sender, descriptor) }
            }
            close(descriptor)
        }
    }

    /// The addresses that packets came from, in order.
    package var senders: [String] { seen.withLock { $0 } }

    private static func receive(_ descriptor: Int32) -> (bytes: [UInt8], sender: sockaddr_in)? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
            }
        }
        return count >= 0 ? (Array(buffer[..<count]), address) : nil
    }

    private static func send(_ bytes: [UInt8], to address: sockaddr_in, _ descriptor: Int32) {
        var address = address
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    // Wakes the thread, which closes the socket.
    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// A TCP port of loopback that takes no connection and refuses none: whoever connects waits.
package final class SilentPort: Sendable {
    package let port: Int
    private let descriptors: [Int32]

    package init(host: String = "127.0.0.1", port: Int = 0) throws {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let listener = socket(AF_INET, kind, 0)
        var address = LoopbackServer.address(host, port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let callers = (0..<4).map { _ in socket(AF_INET, kind, 0) }
        descriptors = [listener] + callers
        let isReady = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(listener, address, length) == 0, listen(listener, 0) == 0,
                    getsockname(listener, address, &length) == 0
                else { return false }
                // A queue that is full and that nobody takes from: what comes now is not even answered.
                for caller in callers { _ = connect(caller, address, length) }
                return true
            }
        }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        guard isReady else { throw TestFailure("cannot be silent at \(host):\(port): errno \(errno)") }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
