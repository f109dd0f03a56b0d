/// What is sent under an extension that both sides speak, a case for each row of `PeerExtension` that has messages.
public enum ExtensionMessage: Hashable, Sendable {
    /// Of blocks that are sent the bytes are left out: see `MetadataMessage`.
    case metadata(MetadataMessage)
    case exchange(PeerExchange)
    /// The sender has this piece no more (BEP 54).
    case lacks(UInt32)

    /// From what follows the id of the extension. Nil for one that has no messages.
    public init?(_ row: PeerExtension, parsing body: RawSpan) throws(WireError) {
        switch row {
        case .metadata: self = .metadata(try MetadataMessage.parse(body).message)
        case .exchange: self = .exchange(try PeerExchange(parsing: body))
        case .lacks:
            guard body.byteCount == 4 else { throw .badExtensionMessage(row) }
            self = .lacks(body.uint32(at: 0))
        case .turns: return nil
        }
    }

    /// The extension under which it is sent.
    public var row: PeerExtension {
        switch self {
        case .metadata: .metadata
        case .exchange: .exchange
        case .lacks: .lacks
        }
    }

    /// The whole frame, under the id that its receiver gave to this extension. Behind a block of metadata its bytes
    /// have to follow: the length of the frame has them in it already.
    public func append(as id: UInt8, to bytes: inout [UInt8]) {
        var body: [UInt8] = []
        var behind = 0
        switch self {
        case .metadata(let message):
            message.append(to: &body)
            behind = message.payloadBytes
        case .exchange(let exchange): exchange.append(to: &body)
        case .lacks(let piece): body.appendBigEndian(piece)
        }
        ExtendedMessage.append(id: id, body: body, andLater: behind, to: &bytes)
    }
}
