import TorrentCore

/// A block whose header has been read and whose bytes are coming.
struct IncomingPayload {
    let wire: WireBlock
    /// Nil: the bytes are thrown away.
    private(set) var block: BlockRequest?
    private(set) var slot: UnsafeMutableRawPointer?
    private(set) var filled = 0

    init(_ wire: WireBlock, block: BlockRequest? = nil, slot: UnsafeMutableRawPointer? = nil) {
        self.wire = wire
        self.block = block
        self.slot = slot
    }

    var missing: Int { Int(wire.length) - filled }

    /// Where the next byte goes.
    var target: UnsafeMutableRawPointer? { slot.map { $0 + filled } }

    /// `count` more bytes are where they belong, or are thrown away.
    mutating func advance(by count: Int) {
        filled += count
    }

    /// The slot is needed for something else: the rest is thrown away.
    mutating func forgetSlot() {
        block = nil
        slot = nil
    }
}
