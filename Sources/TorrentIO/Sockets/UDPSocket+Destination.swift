import CPosixShims
import TorrentCore

extension UDPSocket {
    /// From now on received datagrams say which of our addresses they were sent to, for
    /// `DatagramBatch.replyFromDestination`. Only a socket bound to every address needs it.
    package func tellDestinations() {
        _ = p2p_tell_destination(descriptor.number, endpoint.address.isV4 ? 0 : 1)
    }
}
