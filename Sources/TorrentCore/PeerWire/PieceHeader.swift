/// What stands before the bytes of a block on the wire: length prefix, id 7, piece, begin (BEP 3).
public struct PieceHeader: Hashable, Sendable, BitwiseCopyable {
    public let block: WireBlock

    /// Four of the length prefix, one of the id, eight of piece and begin.
    public static let byteCount = 13

    public init(_ block: WireBlock) {
        self.block = block
    }

    /// The 13 bytes.
    public func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(block.length &+ 9)
        bytes.append(MessageID.piece)
        bytes.appendBigEndian(block.piece)
        bytes.appendBigEndian(block.begin)
    }
}
