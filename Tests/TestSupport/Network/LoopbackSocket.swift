import Foundation
import Glibc
import Synchronization

/// A blocking TCP connection on loopback, for servers and peers that tests play themselves.
package final class LoopbackConnection: Sendable {
    private let descriptor: Int32

    fileprivate init(descriptor: Int32) {
        self.descriptor = descriptor
        // No test hangs in a read for ever.
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    package convenience init(connectingTo port: Int, host: String = "127.0.0.1") throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = LoopbackServer.address(host, port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw TestFailure("connect to \(host):\(port): errno \(errno)")
        }
        self.init(descriptor: descriptor)
    }

    /// Sends all bytes; false when the other side has gone.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Nothing more will be sent.
    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next bytes, at most `limit`; empty at the end, on an error, or after ten silent seconds.
    package func receive(_ limit: Int = 64 << 10) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, 0)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// Exactly `count` bytes, or nil when the stream ends before.
    package func receiveExactly(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = receive(count - bytes.count)
            if more.isEmpty { return nil }
            bytes += more
        }
        return bytes
    }

    /// All bytes until the other side closes.
    package func receiveToEnd(limit: Int = 16 << 20) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let more = receive()
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    /// The head of an HTTP request or response, up to and with its empty line.
    package func receiveHead() -> String {
        var bytes: [UInt8] = []
        while bytes.count < 64 << 10, !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            let more = receive(1)
            if more.isEmpty { break }
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The address of the other side.
    package var remoteHost: String {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        }
        return LoopbackServer.host(of: address)
    }

    deinit { close(descriptor) }
}

/// A TCP listener on loopback that answers each connection as the test's closure says.
package final class LoopbackServer: Sendable {
    package let port: Int
    private let listener: Listener

    /// `answer` runs on a thread of its own for each connection and may block.
    package init(
        host: String = "127.0.0.1", port: Int = 0, answer: @escaping @Sendable (LoopbackConnection) -> Void
    ) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var reuse: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = Self.address(host, port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else {
            close(listener)
            throw TestFailure("cannot listen: errno \(errno)")
        }
        let owner = Listener(number: listener)
        self.listener = owner
        self.port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread {
            while true {
                let accepted = accept(listener, nil, nil)
                guard accepted >= 0 else { break }
                let connection = LoopbackConnection(descriptor: accepted)
                Thread.detachNewThread { answer(connection) }
            }
            owner.close()
        }
    }

    /// Ends listening; connections end when their closures do.
    package func stop() { listener.shutDown() }

    deinit { stop() }

    static func host(of address: sockaddr_in) -> String {
        let number = UInt32(bigEndian: address.sin_addr.s_addr)
        return [24, 16, 8, 0].map { "\(number >> $0 & 255)" }.joined(separator: ".")
    }

    static func address(_ host: String, _ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return address
    }
}

/// The socket of a server. Once it is closed its number may be that of somebody else's, who must not be shut down.
private final class Listener: Sendable {
    private let number: Int32
    private let isOpen = Mutex(true)

    init(number: Int32) { self.number = number }

    func shutDown() {
        isOpen.withLock { if $0 { shutdown(number, Int32(SHUT_RDWR)) } }
    }

    func close() {
        isOpen.withLock {
            if $0 { Glibc.close(number) }
            $0 = false
        }
    }
}

extension RunningProcess {
    /// Returns once the process takes connections on a TCP port; an error with its log when it does not, or ends.
    package func waitUntilListening(_ host: String, _ port: Int, within limit: Duration = .seconds(10)) async throws {
        let answered = try await eventually(within: limit, every: .milliseconds(30)) {
            status != nil || (try? LoopbackConnection(connectingTo: port, host: host)) != nil
        }
        guard answered, status == nil else { throw TestFailure("\(name) does not listen on \(host):\(port)\n\(log)") }
    }
}
