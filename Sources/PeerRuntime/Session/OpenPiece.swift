import TorrentCore
import TorrentIO

/// A piece whose blocks are coming: its buffer, and which of its slots are taken.
final class OpenPiece {
    /// A slot has one writer at a time: a link that is reading into it, or nobody.
    enum Slot: Equatable {
        case free
        /// A link has begun to read into it and has not finished.
        case filling(link: UInt64)
        case full
    }

    let buffer: PieceBuffer
    var slots: [Slot]

    init(buffer: PieceBuffer, blocks: Int) {
        self.buffer = buffer
        slots = Array(repeating: .free, count: blocks)
    }

    func pointer(of block: BlockRequest) -> UnsafeMutableRawPointer {
        buffer.pointer(at: Int(block.begin))
    }
}
