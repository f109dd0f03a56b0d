/// The number of a piece that exists: only a `TorrentGeometry` mints it, so nothing downstream checks it again.
public struct PieceIndex: Hashable, Comparable, Sendable, BitwiseCopyable, CustomStringConvertible {
    /// From 0, as on the wire.
    public let number: UInt32

    /// As an array subscript.
    @inlinable
    public var position: Int { Int(number) }

    @usableFromInline
    init(unchecked number: UInt32) {
        self.number = number
    }

    @inlinable
    public static func < (left: PieceIndex, right: PieceIndex) -> Bool { left.number < right.number }

    public var description: String { "piece \(number)" }
}

/// A block of a piece that exists, within the piece: what is requested, sent and stored (BEP 3).
public struct BlockRequest: Hashable, Sendable, BitwiseCopyable {
    /// One of the same torrent.
    public let piece: PieceIndex
    /// Bytes from the start of the piece.
    public let begin: UInt32
    /// Bytes, at least one.
    public let length: UInt32

    @usableFromInline
    init(unchecked piece: PieceIndex, begin: UInt32, length: UInt32) {
        self.piece = piece
        self.begin = begin
        self.length = length
    }

    /// As the three numbers that travel on the wire.
    @inlinable
    public var onWire: WireBlock { WireBlock(piece: piece.number, begin: begin, length: length) }
}

/// A block as a stranger names it, not yet held against a torrent (BEP 3: index, begin, length).
public struct WireBlock: Hashable, Sendable, BitwiseCopyable {
    /// Which piece, from 0; it need not exist.
    public let piece: UInt32
    /// Bytes from the start of the piece.
    public let begin: UInt32
    /// Bytes.
    public let length: UInt32

    @inlinable
    public init(piece: UInt32, begin: UInt32, length: UInt32) {
        self.piece = piece
        self.begin = begin
        self.length = length
    }
}
