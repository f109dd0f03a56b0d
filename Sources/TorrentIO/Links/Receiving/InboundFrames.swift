import TorrentCore

/// What a link has received and not dealt with, message by message.
struct InboundFrames {
    var reader: MessageReader
    private var buffer = InboundBuffer()
    /// Bytes that must stand in `buffer` before its first message is whole.
    private var need = 0

    /// `early` was received before the link began.
    init(_ reader: MessageReader, early: [UInt8]) {
        self.reader = reader
        if !early.isEmpty { early.withUnsafeBytes { buffer.append($0) } }
    }

    var isEmpty: Bool { buffer.isEmpty }
    var count: Int { buffer.count }

    /// Lends room for what the first message lacks to `read`, and for more; `read` says how many bytes it put there.
    mutating func fill(
        _ read: (UnsafeMutableRawBufferPointer) throws(LinkEnd) -> Int
    ) throws(LinkEnd) -> Int {
        try buffer.fill(upTo: need, read)
    }

    /// Takes all bytes of a read that went elsewhere.
    mutating func gather(_ rest: inout ScatteredBytes) {
        rest.moveAll(to: &buffer)
    }

    /// What stands first. If that is not whole, there will be room for it.
    mutating func next() throws(LinkEnd) -> FrameStart {
        let reader = reader
        let start = try buffer.withBytes { (bytes) throws(LinkEnd) in try reader.start(in: bytes) }
        if case .incomplete(let need) = start { self.need = need } else { need = 0 }
        return start
    }

    /// Lends all bytes to `body`, the first message in front.
    func withBytes(_ body: (RawSpan) -> Void) {
        buffer.withBytes(body)
    }

    /// Copies the first `count` bytes to `target`.
    func copyFront(_ count: Int, to target: UnsafeMutableRawPointer) {
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, count > 0 else { return }
            target.copyMemory(from: base, byteCount: count)
        }
    }

    /// The first `count` bytes have been dealt with.
    mutating func consume(_ count: Int) {
        buffer.consume(count)
    }
}

extension MessageReader {
    /// As `next(in:)`; what is no message ends the link.
    func start(in bytes: RawSpan) throws(LinkEnd) -> FrameStart {
        do throws(WireError) {
            return try next(in: bytes)
        } catch {
            throw .malformed(error)
        }
    }
}
