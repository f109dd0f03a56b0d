/// A message between peers that fits in registers (BEP 3, 5, 6). The three that carry bytes of any length, `bitfield`,
/// `piece` and `extended`, are told apart by `MessageReader` and never copied into one of these, so that handling a
/// message costs no reference counting.
public enum PeerMessage: Hashable, Sendable, BitwiseCopyable {
    case keepAlive
    case choke
    case unchoke
    case interested
    case notInterested
    /// The sender has this piece.
    case have(UInt32)
    case request(WireBlock)
    case cancel(WireBlock)
    /// The UDP port of the sender's DHT node (BEP 5).
    case port(UInt16)
    /// Instead of a bitfield (BEP 6).
    case haveAll
    case haveNone
    case suggest(UInt32)
    /// A request that will not be answered (BEP 6).
    case reject(WireBlock)
    /// A piece that may be requested while choked (BEP 6).
    case allowedFast(UInt32)
}
