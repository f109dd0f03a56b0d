import CPosixShims
import Glibc
package import TorrentCore

/// A nonblocking datagram socket.
package final class UDPSocket: Sendable {
    package let descriptor: Descriptor
    /// Where it is bound, with the port that the system picked if 0 was asked for.
    package let endpoint: Endpoint

    /// With `sharesPort`, several sockets share the port, and the system spreads what comes (SO_REUSEPORT).
    package init(_ endpoint: Endpoint, sharesPort: Bool = false) throws(SystemError) {
        descriptor = try Sockets.open(SocketAddress.family(of: endpoint), SOCK_DGRAM)
        if sharesPort { Sockets.setOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        try Sockets.bind(descriptor, to: endpoint)
        self.endpoint = Sockets.localEndpoint(of: descriptor) ?? endpoint
    }

    /// Of a descriptor that is bound there.
    init(_ descriptor: Descriptor, at endpoint: Endpoint) {
        self.descriptor = descriptor
        self.endpoint = endpoint
    }

    /// Nobody may use it from now on.
    package func close() { descriptor.close() }

    /// False if there is no room just now. A destination that cannot be reached throws.
    @discardableResult
    package func send(_ bytes: UnsafeRawBufferPointer, to endpoint: Endpoint) throws(SystemError) -> Bool {
        let address = SocketAddress(endpoint)
        do {
            try retrying("sendto") {
                address.withPointer {
                    sendto(descriptor.number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL), $0, $1)
                }
            }
            return true
        } catch {
            if error.isWouldBlock { return false }
            throw error
        }
    }

    /// The same of an array.
    @discardableResult
    package func send(_ bytes: [UInt8], to endpoint: Endpoint) throws(SystemError) -> Bool {
        do {
            return try bytes.withUnsafeBytes { try send($0, to: endpoint) }
        } catch let error as SystemError {
            throw error
        } catch {
            preconditionFailure("only SystemError is thrown")
        }
    }

    /// Receives one datagram, cut to `bytes`: its length and sender; nil if there is none. That nobody listens where an
    /// earlier datagram went is passed over.
    package func receive(into bytes: UnsafeMutableRawBufferPointer) throws(SystemError) -> (Int, Endpoint)? {
        while true {
            var address = SocketAddress()
            var length = address.length
            let count = withUnsafeMutablePointer(to: &address.storage) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor.number, bytes.baseAddress, bytes.count, 0, $0, &length)
                }
            }
            if count >= 0 {
                guard let endpoint = address.endpoint else { continue }
                return (count, endpoint)
            }
            let error = SystemError.last("recvfrom")
            if error.isWouldBlock { return nil }
            guard error.isInterrupted || error.isRefused else { throw error }
        }
    }
}
