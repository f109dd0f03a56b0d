extension PeerMessage {
    /// The whole frame: length prefix, id, fields.
    public func append(to bytes: inout [UInt8]) {
        switch self {
        case .keepAlive: bytes.appendBigEndian(UInt32(0))
        case .choke: Self.append(MessageID.choke, to: &bytes)
        case .unchoke: Self.append(MessageID.unchoke, to: &bytes)
        case .interested: Self.append(MessageID.interested, to: &bytes)
        case .notInterested: Self.append(MessageID.notInterested, to: &bytes)
        case .have(let piece): Self.append(MessageID.have, piece, to: &bytes)
        case .request(let block): Self.append(MessageID.request, block, to: &bytes)
        case .cancel(let block): Self.append(MessageID.cancel, block, to: &bytes)
        case .port(let port):
            bytes.appendBigEndian(UInt32(3))
            bytes.append(MessageID.port)
            bytes.appendBigEndian(port)
        case .haveAll: Self.append(MessageID.haveAll, to: &bytes)
        case .haveNone: Self.append(MessageID.haveNone, to: &bytes)
        case .suggest(let piece): Self.append(MessageID.suggest, piece, to: &bytes)
        case .reject(let block): Self.append(MessageID.reject, block, to: &bytes)
        case .allowedFast(let piece): Self.append(MessageID.allowedFast, piece, to: &bytes)
        }
    }

    private static func append(_ id: UInt8, to bytes: inout [UInt8]) {
        bytes.appendBigEndian(UInt32(1))
        bytes.append(id)
    }

    private static func append(_ id: UInt8, _ piece: UInt32, to bytes: inout [UInt8]) {
        bytes.appendBigEndian(UInt32(5))
        bytes.append(id)
        bytes.appendBigEndian(piece)
    }

    private static func append(_ id: UInt8, _ block: WireBlock, to bytes: inout [UInt8]) {
        bytes.appendBigEndian(UInt32(13))
        bytes.append(id)
        bytes.appendBigEndian(block.piece)
        bytes.appendBigEndian(block.begin)
        bytes.appendBigEndian(block.length)
    }

    /// A frame of `id` that is whole in `bytes` and has the right length; nil if the id is not one of ours
    /// or carries bytes of any length.
    static func parse(id: UInt8, in bytes: RawSpan) -> PeerMessage? {
        switch id {
        case MessageID.choke: .choke
        case MessageID.unchoke: .unchoke
        case MessageID.interested: .interested
        case MessageID.notInterested: .notInterested
        case MessageID.have: .have(bytes.uint32(at: 5))
        case MessageID.request: .request(WireBlock(parsing: bytes, at: 5))
        case MessageID.cancel: .cancel(WireBlock(parsing: bytes, at: 5))
        case MessageID.port: .port(bytes.uint16(at: 5))
        case MessageID.haveAll: .haveAll
        case MessageID.haveNone: .haveNone
        case MessageID.suggest: .suggest(bytes.uint32(at: 5))
        case MessageID.reject: .reject(WireBlock(parsing: bytes, at: 5))
        case MessageID.allowedFast: .allowedFast(bytes.uint32(at: 5))
        default: nil
        }
    }

    /// What the prefix of a message of `id` has to say; nil for those of any length and for unknown ones.
    static func length(id: UInt8) -> Int? {
        switch id {
        case MessageID.choke, MessageID.unchoke, MessageID.interested, MessageID.notInterested, MessageID.haveAll,
            MessageID.haveNone:
            1
        case MessageID.port: 3
        case MessageID.have, MessageID.suggest, MessageID.allowedFast: 5
        case MessageID.request, MessageID.cancel, MessageID.reject: 13
        default: nil
        }
    }
}

extension WireBlock {
    /// Three numbers of four bytes from `offset` on: a request, a cancel, a reject.
    init(parsing bytes: RawSpan, at offset: Int) {
        self.init(
            piece: bytes.uint32(at: offset), begin: bytes.uint32(at: offset + 4), length: bytes.uint32(at: offset + 8))
    }
}
