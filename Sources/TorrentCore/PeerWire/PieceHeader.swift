/// What stands before the bytes of a block on the wire: length prefix, id 7, piece, begin (BEP 3).
public struct PieceHeader: Hashable, Sendable, BitwiseCopyable {
    public let block: WireBlock

    public static let byteCount = 13

    public init(_ block: WireBlock) {
        self.block = block
    }

    /// From 13 bytes at `offset` that `MessageReader` would call a piece; nil if they are not. For a reader that has
    /// received several headers at once, apart from the blocks.
    public init?(_ bytes: RawSpan, at offset: Int = 0) {
        guard bytes.byteCount - offset >= Self.byteCount, bytes.uint8(at: offset + 4) == MessageID.piece else {
            return nil
        }
        let length = bytes.uint32(at: offset)
        guard length >= 9 else { return nil }
        block = WireBlock(
            piece: bytes.uint32(at: offset + 5), begin: bytes.uint32(at: offset + 9), length: length - 9)
    }

    /// The 13 bytes.
    public func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(block.length &+ 9)
        bytes.append(MessageID.piece)
        bytes.appendBigEndian(block.piece)
        bytes.appendBigEndian(block.begin)
    }

    /// Writes the 13 bytes into `bytes` from `offset` on.
    public func store(in bytes: inout MutableRawSpan, at offset: Int) {
        precondition(offset >= 0 && bytes.byteCount - offset >= Self.byteCount, "no room for a header")
        bytes.storeBytes(of: (block.length &+ 9).bigEndian, toByteOffset: offset, as: UInt32.self)
        bytes.storeBytes(of: MessageID.piece, toByteOffset: offset + 4, as: UInt8.self)
        bytes.storeBytes(of: block.piece.bigEndian, toByteOffset: offset + 5, as: UInt32.self)
        bytes.storeBytes(of: block.begin.bigEndian, toByteOffset: offset + 9, as: UInt32.self)
    }
}
