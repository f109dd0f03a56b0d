/// How two peers shake hands (BEP 3): what is to be said and what is heard, without a socket or a clock.
///
/// Whoever has the connection sends all of `outbox` before it reads, and gives every byte that it reads to `take`.
/// What it read past the handshake it keeps for who comes next.
public struct HandshakeMachine: Hashable, Sendable {
    /// What became of the bytes taken so far.
    public enum Progress: Hashable, Sendable {
        /// All were taken, and more must come.
        case incomplete
        /// The other side's handshake is whole. `consumed` of the bytes taken last were of it; later ones are not.
        case established(Handshake, consumed: Int)
        /// This never becomes a handshake: another protocol, or encryption. No need to wait for the rest.
        case failed(WireError)
    }

    /// Bytes that have to be sent, first ones first.
    public private(set) var outbox: [UInt8] = []
    private var heard: [UInt8] = []

    private init() {}

    /// We have connected: ours is said at once.
    public static func outgoing(saying ours: Handshake) -> Self {
        var machine = Self()
        ours.append(to: &machine.outbox)
        return machine
    }

    /// Somebody has connected and speaks first. What is answered depends on the torrent that they name, so whoever
    /// owns that says it, once this is established.
    public static func incoming() -> Self { Self() }

    /// The first `count` bytes of `outbox` have been sent.
    public mutating func said(_ count: Int) {
        outbox.removeFirst(count)
    }

    /// Takes bytes that were read, in their order. Never keeps more than a handshake has.
    public mutating func take(_ bytes: ArraySlice<UInt8>) -> Progress {
        precondition(outbox.isEmpty, "what is to be said goes out before anything is read")
        let consumed = min(Handshake.byteCount - heard.count, bytes.count)
        heard += bytes.prefix(consumed)
        do {
            let theirs = try heard.withBytes { (heard) throws(WireError) in try Handshake(parsing: heard) }
            return .established(theirs, consumed: consumed)
        } catch .handshakeTooShort {
            return .incomplete
        } catch {
            return .failed(error)
        }
    }
}
