import CPosixShims
import Glibc
package import TorrentCore

/// A socket that takes connections.
package final class TCPListener: Sendable {
    package let descriptor: Descriptor
    /// Where it listens, with the port that the system picked if 0 was asked for.
    package let endpoint: Endpoint

    /// How connections are taken.
    package struct Options: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }
        /// Several listeners share the port, and the system spreads the connections (SO_REUSEPORT).
        package static let sharesPort = Options(rawValue: 1)
        /// Connections are shown only once their first bytes are there (TCP_DEFER_ACCEPT): for protocols where the
        /// client speaks first.
        package static let defersAccept = Options(rawValue: 2)
    }

    /// Binds and listens. IPv4 and IPv6 want a listener each.
    package init(_ endpoint: Endpoint, backlog: Int = 1_024, options: Options = []) throws(SystemError) {
        descriptor = try Sockets.open(SocketAddress.family(of: endpoint), SOCK_STREAM)
        Sockets.setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if options.contains(.sharesPort) { Sockets.setOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        if options.contains(.defersAccept) { Sockets.setOption(descriptor, Sockets.tcpLevel, TCP_DEFER_ACCEPT, 1) }
        // Connections inherit it.
        Sockets.setOption(descriptor, Sockets.tcpLevel, TCP_NODELAY, 1)
        try Sockets.bind(descriptor, to: endpoint)
        let number = descriptor.number
        try retrying("listen") { listen(number, Int32(clamping: backlog)) }
        self.endpoint = Sockets.localEndpoint(of: descriptor) ?? endpoint
    }

    /// The next connection, nonblocking, and who it is; nil if nobody waits. When descriptors run out this throws
    /// `isOutOfDescriptors` with the connection still waiting: look away for a moment, or it is reported for ever.
    package func accept() throws(SystemError) -> (Descriptor, Endpoint)? {
        while true {
            var address = SocketAddress()
            let number = p2p_accept(descriptor.number, &address.storage, &address.length)
            if number >= 0 {
                let connection = Descriptor(owning: number)
                guard let endpoint = address.endpoint else { continue }
                return (connection, endpoint)
            }
            let error = SystemError.last("accept")
            if error.isWouldBlock { return nil }
            // That one connection was aborted before we accepted it says nothing about the next.
            guard error.isInterrupted || error.code == ECONNABORTED || error.code == EPROTO else { throw error }
        }
    }

    /// Connections that wait to be accepted are reset. Further calls do nothing.
    package func close() { descriptor.close() }
}
