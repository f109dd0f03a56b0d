/// The memory of one piece while it is filled, hashed and written. Its bytes have one owner at a time: pool, reactor,
/// worker, pool. When the last reference goes the memory returns to its pool.
// @unchecked: the bytes are touched by the owner alone, and ownership moves through a lock (an inbox, a worker's list).
package final class PieceBuffer: @unchecked Sendable {
    /// Bytes that were asked for.
    package let length: Int
    /// The start of its bytes, at the start of a page.
    package let base: UnsafeMutableRawPointer
    let mapping: PieceBufferPool.Mapping
    private let pool: PieceBufferPool

    init(_ mapping: PieceBufferPool.Mapping, length: Int, pool: PieceBufferPool) {
        self.mapping = mapping
        self.length = length
        self.pool = pool
        base = mapping.base
    }

    deinit { pool.takeBack(mapping) }

    /// Where the byte at `offset` lives.
    package func pointer(at offset: Int) -> UnsafeMutableRawPointer {
        precondition(offset >= 0 && offset <= length)
        return base + offset
    }

    /// `count` bytes from `offset` on.
    package func slice(_ offset: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
        precondition(offset >= 0 && count >= 0 && offset + count <= length)
        return UnsafeMutableRawBufferPointer(start: base + offset, count: count)
    }
}
