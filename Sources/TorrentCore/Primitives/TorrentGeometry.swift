/// All arithmetic of pieces and blocks of one torrent, and the only minter of a checked `PieceIndex`.
public struct TorrentGeometry: Hashable, Sendable, BitwiseCopyable {
    /// Bytes of the whole payload, padding files included.
    public let totalLength: Int64
    /// Bytes of each piece but the last.
    public let pieceLength: Int
    /// Zero only if there are no bytes at all.
    public let pieceCount: Int

    /// Bytes that are asked for at once, 16 KiB, as every client does (BEP 3).
    public static let blockLength = 16_384

    /// Nil unless a piece has at least one byte and the pieces can be numbered in 31 bits. A payload of no bytes, which
    /// is one of empty files, has no pieces and is complete from the start.
    public init?(totalLength: Int64, pieceLength: Int) {
        guard totalLength >= 0, pieceLength > 0, pieceLength <= Int(UInt32.max) / 2 else { return nil }
        let pieces = totalLength == 0 ? 0 : (totalLength - 1) / Int64(pieceLength) + 1
        guard pieces <= Int64(Int32.max) else { return nil }
        self.totalLength = totalLength
        self.pieceLength = pieceLength
        self.pieceCount = Int(pieces)
    }

    /// A number off the wire or the disk, checked.
    @inlinable
    public func piece(at number: UInt32) -> PieceIndex? {
        number < UInt32(pieceCount) ? PieceIndex(unchecked: number) : nil
    }

    /// A position that our own code worked out, for example a bit of a `Bitfield` of this torrent.
    @inlinable
    public func piece(_ position: Int) -> PieceIndex {
        precondition(position >= 0 && position < pieceCount, "no such piece")
        return PieceIndex(unchecked: UInt32(truncatingIfNeeded: position))
    }

    /// Every piece in order.
    public var pieces: some Sequence<PieceIndex> {
        (0..<UInt32(pieceCount)).lazy.map { PieceIndex(unchecked: $0) }
    }

    /// Bytes of `piece`; only the last one may be shorter. No other place says how long a piece is (see `PieceCheck`).
    @inlinable
    public func length(of piece: PieceIndex) -> Int {
        piece.position == pieceCount - 1
            ? Int(totalLength - Int64(pieceCount - 1) * Int64(pieceLength)) : pieceLength
    }

    /// Where `piece` begins in the whole payload.
    @inlinable
    public func offset(of piece: PieceIndex) -> Int64 {
        Int64(piece.position) * Int64(pieceLength)
    }

    /// Where `block` begins in the whole payload.
    @inlinable
    public func offset(of block: BlockRequest) -> Int64 {
        offset(of: block.piece) + Int64(block.begin)
    }

    /// How many blocks `piece` has.
    @inlinable
    public func blockCount(of piece: PieceIndex) -> Int {
        (length(of: piece) + Self.blockLength - 1) / Self.blockLength
    }

    /// The `number`-th block of `piece`, which must exist.
    @inlinable
    public func block(_ number: Int, of piece: PieceIndex) -> BlockRequest {
        let begin = number * Self.blockLength
        let length = min(Self.blockLength, length(of: piece) - begin)
        precondition(number >= 0 && length > 0, "no such block")
        return BlockRequest(
            unchecked: piece, begin: UInt32(truncatingIfNeeded: begin), length: UInt32(truncatingIfNeeded: length))
    }

    /// Which block of its piece `block` is; nil if it is not one that we would ask for.
    @inlinable
    public func number(of block: BlockRequest) -> Int? {
        let begin = Int(block.begin)
        guard begin.isMultiple(of: Self.blockLength),
            Int(block.length) == min(Self.blockLength, length(of: block.piece) - begin)
        else { return nil }
        return begin / Self.blockLength
    }

    /// What a stranger asks for or sends, checked to lie within a piece and to be at least one byte long.
    @inlinable
    public func block(_ wire: WireBlock) -> BlockRequest? {
        guard let piece = piece(at: wire.piece), wire.length > 0,
            UInt64(wire.begin) + UInt64(wire.length) <= UInt64(length(of: piece))
        else { return nil }
        return BlockRequest(unchecked: piece, begin: wire.begin, length: wire.length)
    }
}
