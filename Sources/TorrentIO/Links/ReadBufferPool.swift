/// Lends out the few buffers into which blocks are read before they leave. Confined to one reactor.
package final class ReadBufferPool {
    /// Bytes of one buffer: as much as one read and one write take at once.
    package static let bufferLength = 512 << 10

    private let limit: Int
    private var free: [UnsafeMutableRawPointer] = []
    private var made = 0

    /// At most `limit` buffers are ever made.
    package init(limit: Int = 16) {
        self.limit = limit
    }

    deinit {
        for buffer in free { buffer.deallocate() }
    }

    /// A buffer that is the caller's until it is given back; nil if all are out.
    package func take() -> UnsafeMutableRawBufferPointer? {
        if let buffer = free.popLast() {
            return UnsafeMutableRawBufferPointer(start: buffer, count: Self.bufferLength)
        }
        guard made < limit else { return nil }
        made += 1
        return UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferLength, alignment: 4096)
    }

    package func giveBack(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let start = buffer.baseAddress else { return }
        free.append(start)
    }
}
