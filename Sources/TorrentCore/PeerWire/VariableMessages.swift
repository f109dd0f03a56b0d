// The messages that carry bytes of any length, written whole.

extension Bitfield {
    /// A `bitfield` message (BEP 3).
    public func appendMessage(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(UInt32(truncatingIfNeeded: 1 + (count + 7) / 8))
        bytes.append(MessageID.bitfield)
        bytes.append(contentsOf: wire)
    }
}

/// A message of the extension protocol (BEP 10).
public enum ExtendedMessage {
    /// The id of the extension handshake.
    public static let handshakeID: UInt8 = 0

    /// Before the body: the length, and two ids.
    package static let headBytes = 6

    /// `id` is the one that the receiver has given to this extension in its own extension handshake. `later` more bytes
    /// of the body are to follow.
    public static func append(id: UInt8, body: [UInt8], andLater later: Int = 0, to bytes: inout [UInt8]) {
        bytes.appendBigEndian(UInt32(truncatingIfNeeded: 2 + body.count + later))
        bytes.append(MessageID.extended)
        bytes.append(id)
        bytes.append(contentsOf: body)
    }
}
