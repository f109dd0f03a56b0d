import CMemoryHints

/// Memory lent by a slab. Every access is checked against its bounds, so unsafe code is confined to this file and
/// `BlockSlab`; a block must not be used once the slab has been changed.
@safe struct MemoryBlock {
    private let base: UnsafeMutableRawPointer
    let byteCount: Int

    @unsafe init(base: UnsafeMutableRawPointer, byteCount: Int) {
        unsafe self.base = base
        self.byteCount = byteCount
    }

    /// The number at `offset`, in the machine's own order.
    @inline(__always)
    func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Number.Type) -> Number {
        precondition(offset >= 0 && offset + MemoryLayout<Number>.size <= byteCount)
        return unsafe base.loadUnaligned(fromByteOffset: offset, as: type)
    }

    @inline(__always)
    func store<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number, at offset: Int) {
        precondition(offset >= 0 && offset + MemoryLayout<Number>.size <= byteCount)
        unsafe base.storeBytes(of: value, toByteOffset: offset, as: Number.self)
    }

    /// The position of `word` among `count` words from `offset` on, ignoring the bits outside `mask`; nil if it is not
    /// there.
    @inline(__always)
    func position(of word: UInt64, mask: UInt64, at offset: Int, count: Int) -> Int? {
        precondition(offset >= 0 && count >= 0 && offset + count * 8 <= byteCount)
        var position = 0
        while position < count {
            let found = unsafe base.loadUnaligned(fromByteOffset: offset &+ position &* 8, as: UInt64.self)
            if (found ^ word) & mask == 0 { return position }
            position &+= 1
        }
        return nil
    }

    /// Lends the bytes of a range, to be read many at a time.
    @inline(__always)
    func withBytes(_ range: Range<Int>, _ body: (RawSpan) -> Void) {
        precondition(range.lowerBound >= 0 && range.upperBound <= byteCount)
        unsafe body(RawSpan(_unsafeStart: base + range.lowerBound, byteCount: range.count))
    }

    /// Copies bytes of another block, or of this one, here.
    func copy(_ source: MemoryBlock, _ range: Range<Int>, to offset: Int) {
        precondition(range.lowerBound >= 0 && range.upperBound <= source.byteCount)
        precondition(offset >= 0 && offset + range.count <= byteCount)
        guard !range.isEmpty else { return }
        unsafe (base + offset).copyMemory(from: source.base + range.lowerBound, byteCount: range.count)
    }

    /// Prefetches the cache line at `offset`.
    @inline(__always)
    func fetchAhead(_ offset: Int) {
        precondition(offset >= 0 && offset < byteCount)
        unsafe p2p_fetch_ahead(base + offset)
    }

    func clear() { unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount) }
}
