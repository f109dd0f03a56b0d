/// A message between peers that fits in registers (BEP 3, 5, 6). The three that carry bytes of any length, `bitfield`,
/// `piece` and `extended`, are told apart by `MessageReader` and never copied into one of these, so that handling a
/// message costs no reference counting.
public enum PeerMessage: Hashable, Sendable, BitwiseCopyable {
    /// Four zero bytes: the sender is still there (BEP 3).
    case keepAlive
    /// The sender will not serve the receiver; without BEP 6 this drops what was requested (BEP 3).
    case choke
    /// The receiver may request (BEP 3).
    case unchoke
    /// The sender would request if it were unchoked (BEP 3).
    case interested
    /// The receiver has nothing that the sender would request (BEP 3).
    case notInterested
    /// The sender has this piece.
    case have(UInt32)
    /// Asks for this block (BEP 3).
    case request(WireBlock)
    /// Takes a request back (BEP 3).
    case cancel(WireBlock)
    /// The UDP port of the sender's DHT node (BEP 5).
    case port(UInt16)
    /// Instead of a bitfield (BEP 6).
    case haveAll
    /// Instead of an empty bitfield (BEP 6).
    case haveNone
    /// A piece that the sender would like to be asked for (BEP 6).
    case suggest(UInt32)
    /// A request that will not be answered (BEP 6).
    case reject(WireBlock)
    /// A piece that may be requested while choked (BEP 6).
    case allowedFast(UInt32)
}
