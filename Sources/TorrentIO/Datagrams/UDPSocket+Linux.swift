import CPosixShims
import Glibc
import TorrentCore

extension UDPSocket {
    /// From now on received datagrams say which of our addresses they were sent to, for
    /// `DatagramBatch.replyFromDestination`. Only a socket bound to every address needs it.
    package func tellDestinations() {
        _ = p2p_tell_destination(descriptor.number, endpoint.address.isV4 ? 0 : 1)
    }

    /// From now on the system keeps what the network says of datagrams that have left, for `takeErrors` (IP_RECVERR). A
    /// call for another datagram may fail with it as well.
    func keepErrors() {
        _ = p2p_keep_errors(descriptor.number, endpoint.address.isV4 ? 0 : 1)
    }

    /// Takes what was kept, `limit` at the most: where each datagram went and why it did not arrive. What may pass by
    /// itself, as when there is no way there just now, is not told. Returns how many were taken.
    func takeErrors(atMost limit: Int, _ body: (Endpoint, SystemError) -> Void) -> Int {
        for taken in 0..<limit {
            var address = SocketAddress()
            let code = p2p_next_error(descriptor.number, &address.storage)
            if code < 0 { return taken }
            if code > 0, let endpoint = address.endpoint { body(endpoint, SystemError(code: code, call: "sendmmsg")) }
        }
        return limit
    }
}
