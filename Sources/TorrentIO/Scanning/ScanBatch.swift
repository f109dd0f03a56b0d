import TorrentCore

/// What is hashed in one go: the next part of each piece in hand, or all of each where pieces are short.
final class ScanBatch {
    /// Most bytes of one piece; a multiple of 64.
    let slotLength: Int
    /// One for each stream. None: nothing is left to do.
    var pieces: [PieceIndex] = []
    /// How many bytes of each piece are here; none of those that could not be read.
    var lengths: [Int] = []
    /// The pieces begin here.
    var isFirst = false
    /// The pieces end here.
    var isLast = false
    /// In the last batch of these pieces: whether every byte of a piece could be read.
    var isReadable: [Bool] = []

    private let buffer: UnsafeMutableRawBufferPointer

    init(slots: Int, slotLength: Int) {
        precondition(slotLength.isMultiple(of: 64))
        self.slotLength = slotLength
        buffer = .allocate(byteCount: slotLength * slots, alignment: 4_096)
    }

    deinit { buffer.deallocate() }

    /// The first `length` bytes of the slot of one piece.
    func slot(_ place: Int, _ length: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: buffer[place * slotLength..<place * slotLength + length])
    }

    var parts: [UnsafeRawBufferPointer] {
        lengths.enumerated().map { UnsafeRawBufferPointer(slot($0, $1)) }
    }
}
