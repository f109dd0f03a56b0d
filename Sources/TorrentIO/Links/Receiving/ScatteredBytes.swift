import Glibc
import TorrentCore

/// Bytes of one read that have not been consumed: consecutive bytes of the stream, spread over several buffers.
struct ScatteredBytes {
    private let parts: [iovec]
    /// Where the next byte stands.
    private var part = 0
    private var offset = 0
    private(set) var count: Int

    /// `count` bytes that fill `parts` from the front.
    init(_ parts: [iovec], count: Int) {
        self.parts = parts
        self.count = count
    }

    /// Lends a copy of the first bytes, as many as a header has, to `body`.
    func withFront<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
        var copy = self
        return try withUnsafeTemporaryAllocation(
            byteCount: PieceHeader.byteCount, alignment: 16
        ) { (front) throws(Failure) in
            guard let base = front.baseAddress else { preconditionFailure("an allocation without memory") }
            let size = min(count, front.count)
            copy.move(size, to: base)
            return try body(UnsafeRawBufferPointer(start: base, count: size).bytes)
        }
    }

    mutating func skip(_ size: Int) {
        advance(size) { _, _ in }
    }

    /// Whether `move` to `target` would overwrite no byte that has not been taken yet.
    func mayMove(_ size: Int, to target: UnsafeMutableRawPointer) -> Bool {
        if lies(size, at: target) { return true }
        let end = target + size
        for index in part..<parts.count {
            guard let base = parts[index].iov_base, base < end, target < base + parts[index].iov_len else { continue }
            guard index == part, target <= base + offset else { return false }
        }
        return true
    }

    /// Takes `size` bytes, and puts them to `target`, from the front on.
    mutating func move(_ size: Int, to target: UnsafeMutableRawPointer) {
        if lies(size, at: target) { return skip(size) }
        var target = target
        advance(size) { source, length in
            memmove(target, source, length)
            target += length
        }
    }

    /// Takes all that is left, and puts it behind what stands in `buffer`.
    mutating func moveAll(to buffer: inout InboundBuffer) {
        advance(count) { buffer.append(UnsafeRawBufferPointer(start: $0, count: $1)) }
    }

    /// Whether the next `size` bytes are there already.
    private func lies(_ size: Int, at target: UnsafeMutableRawPointer) -> Bool {
        guard part < parts.count, let base = parts[part].iov_base else { return false }
        return base + offset == target && offset + size <= parts[part].iov_len
    }

    private mutating func advance(_ size: Int, _ body: (UnsafeRawPointer, Int) -> Void) {
        precondition(size <= count)
        var left = size
        while left > 0 {
            let length = min(left, parts[part].iov_len - offset)
            if let base = parts[part].iov_base, length > 0 { body(base + offset, length) }
            left -= length
            offset += length
            if offset == parts[part].iov_len {
                part += 1
                offset = 0
            }
        }
        count -= size
    }
}
