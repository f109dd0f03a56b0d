import TorrentCore

/// Whose a datagram is that comes to a port which several protocols share, as its first bytes show. No datagram looks
/// like two of them.
package enum DatagramLook: CaseIterable, Hashable, Sendable {
    /// A dictionary: the distributed hash table (BEP 5).
    case dht
    /// A header of version 1 and of a type from 0 to 4: the micro transport protocol (BEP 29).
    case utp
    /// An action from 0 to 3 and a transaction id: what a UDP tracker answers (BEP 15).
    case trackerAnswer

    /// Nil for what looks like none of them.
    package init?(_ datagram: RawSpan) {
        guard datagram.byteCount > 0 else { return nil }
        let first = datagram.uint8(at: 0)
        if first == UInt8(ascii: "d") {
            self = .dht
        } else if first & 0x0F == 1, first >> 4 <= 4, datagram.byteCount >= 20 {
            self = .utp
        } else if datagram.byteCount >= 8, datagram.uint32(at: 0) <= 3 {
            self = .trackerAnswer
        } else {
            return nil
        }
    }
}
