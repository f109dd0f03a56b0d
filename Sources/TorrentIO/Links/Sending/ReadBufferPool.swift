/// Lends out the few buffers into which blocks are read before they are sent. If stalled links hold all of them, each
/// other link gets a small one for a single block: it is slower, but not stuck. Confined to one reactor.
package final class ReadBufferPool {
    /// Bytes of one buffer: as much as one read and one write take at once.
    package static let bufferLength = 512 << 10

    private let limit: Int
    private var free: [UnsafeMutableRawPointer] = []
    private var made = 0

    /// At most `limit` buffers of full length are ever made.
    package init(limit: Int = 16) {
        self.limit = limit
    }

    deinit {
        for buffer in free { buffer.deallocate() }
    }

    /// A buffer that is the caller's until it is given back: of full length, or, if all of those are out, of `least`
    /// bytes.
    package func take(atLeast least: Int) -> UnsafeMutableRawBufferPointer {
        precondition(least > 0 && least < Self.bufferLength)
        if let buffer = free.popLast() {
            return UnsafeMutableRawBufferPointer(start: buffer, count: Self.bufferLength)
        }
        guard made < limit else { return .allocate(byteCount: least, alignment: 16) }
        made += 1
        return UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferLength, alignment: 4096)
    }

    /// Keeps one of full length; a small one, lent because those were all out, is freed.
    package func giveBack(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let start = buffer.baseAddress, buffer.count == Self.bufferLength else { return buffer.deallocate() }
        free.append(start)
    }
}
