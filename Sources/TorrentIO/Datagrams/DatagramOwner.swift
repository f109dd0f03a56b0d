package import TorrentCore

/// Whoever takes the datagrams of one look from a hub, which calls it on its own reactor.
package protocol DatagramOwner: AnyObject {
    /// False if it waits for no such datagram from there, which then counts as dropped. Good for the call only.
    func take(_ datagram: RawSpan, from sender: Endpoint) -> Bool
    /// A datagram to `endpoint` did not leave, or found nobody. Each owner hears of it, whoever sent that datagram.
    func notDelivered(to endpoint: Endpoint, _ error: SystemError)
}
