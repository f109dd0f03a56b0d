/// Says what stands first in the bytes that came from a peer, without keeping or copying any of them.
///
/// The caller keeps the bytes, asks `next(in:)`, does what it says, drops `size` bytes and asks again.
public struct MessageReader: Hashable, Sendable, BitwiseCopyable {
    private let shortestBitfield: Int
    private let longestBitfield: Int

    /// Bytes that a bitfield may have: so many as this torrent needs and no others, once that is known.
    public var bitfieldBytes: ClosedRange<Int> { shortestBitfield...longestBitfield }

    /// Longest block that we let a peer send, bytes; what we ask for is 16 KiB.
    public static let longestBlock = 131_072
    /// Longest extended message, bytes after the length prefix: metadata pieces are 16 KiB, peer lists a few.
    public static let longestExtended = 131_072
    /// Longest message of an id that we do not know, bytes after the length prefix; those are skipped.
    public static let longestUnknown = 131_072

    /// For a torrent of so many pieces, which says how long a bitfield is.
    public init(pieceCount: Int) {
        shortestBitfield = (pieceCount + 7) / 8
        longestBitfield = shortestBitfield
    }

    /// For a torrent of which nobody has said yet how many pieces it has, as after a magnet link.
    public init(longestBitfield: Int) {
        shortestBitfield = 0
        self.longestBitfield = longestBitfield
    }

    /// What stands first in `bytes`: a length of four bytes, then so many; a length of zero is a keep-alive (BEP 3).
    /// Every frame but a piece is answered only when it is whole.
    public func next(in bytes: RawSpan) throws(WireError) -> FrameStart {
        guard bytes.byteCount >= 4 else { return .incomplete(need: 4) }
        let length = Int(bytes.uint32(at: 0))
        guard length > 0 else { return .message(.keepAlive, size: 4) }
        guard bytes.byteCount >= 5 else { return .incomplete(need: 5) }
        let id = bytes.uint8(at: 4)
        try check(id: id, length: length)
        let need = id == MessageID.piece ? PieceHeader.byteCount : 4 + length
        guard bytes.byteCount >= need else { return .incomplete(need: need) }
        switch id {
        case MessageID.bitfield: return .bitfield(body: 5..<need, size: need)
        case MessageID.extended: return .extended(id: bytes.uint8(at: 5), body: 6..<need, size: need)
        case MessageID.piece:
            let block = WireBlock(
                piece: bytes.uint32(at: 5), begin: bytes.uint32(at: 9), length: UInt32(length - 9))
            return .piece(block, headerSize: PieceHeader.byteCount)
        default:
            guard let message = PeerMessage.parse(id: id, in: bytes) else { return .unknown(size: need) }
            return .message(message, size: need)
        }
    }

    private func check(id: UInt8, length: Int) throws(WireError) {
        switch id {
        case MessageID.bitfield:
            guard bitfieldBytes.contains(length - 1) else { throw .wrongLength(id: id, length: length) }
        case MessageID.extended:
            guard length >= 2 else { throw .wrongLength(id: id, length: length) }
            guard length <= Self.longestExtended else { throw .frameTooLong(id: id, length: length) }
        case MessageID.piece:
            guard length >= 9 else { throw .wrongLength(id: id, length: length) }
            guard length - 9 <= Self.longestBlock else { throw .frameTooLong(id: id, length: length) }
        default:
            if let right = PeerMessage.length(id: id) {
                guard length == right else { throw .wrongLength(id: id, length: length) }
            } else {
                guard length <= Self.longestUnknown else { throw .frameTooLong(id: id, length: length) }
            }
        }
    }
}

/// What `MessageReader` found. A `size` is the whole frame's, its length prefix included; a `body` counts from the
/// first byte of the frame.
public enum FrameStart: Hashable, Sendable {
    /// Come back when so many bytes are there, counted from the first byte of the frame.
    case incomplete(need: Int)
    /// A whole message of fixed length.
    case message(PeerMessage, size: Int)
    /// A bitfield of the right length; its bits are not looked at.
    case bitfield(body: Range<Int>, size: Int)
    /// An extended message: 0 is the extension handshake (BEP 10).
    case extended(id: UInt8, body: Range<Int>, size: Int)
    /// The bytes of this block follow the header, `block.length` of them.
    case piece(WireBlock, headerSize: Int)
    /// An id that we do not know: to be skipped.
    case unknown(size: Int)
}
