import TorrentCore

/// Received bytes that did not go straight into a piece's buffer: messages, and parts of them.
struct InboundBuffer {
    /// Capacity that an idle link keeps: room for the messages of one iteration of the loop.
    static let usualCapacity = 4_096
    /// Room that is made for what is only announced; from there on it doubles with what has come, so that a few bytes
    /// that announce a long message do not take its memory.
    static let mostAhead = 16 * usualCapacity

    private var storage: [UInt8] = []
    private var start = 0
    private var end = 0

    var count: Int { end - start }
    var isEmpty: Bool { start == end }

    /// Lends what is there to `body`.
    func withBytes<Result, Failure: Error>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
        try storage.withBytes { (bytes) throws(Failure) in try body(bytes.extracting(start..<end)) }
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
    }

    /// `count` bytes have been dealt with.
    mutating func consume(_ count: Int) {
        start += count
        precondition(start <= end)
        if start == end {
            start = 0
            end = 0
            if storage.count > Self.mostAhead { storage = [] }
        }
    }

    /// Makes room so that `total` bytes from the front on could stand here, or as many of them as may be expected soon,
    /// and lends the free part to `read`, which says how many bytes it put there.
    mutating func fill<Failure: Error>(
        upTo total: Int, _ read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        makeRoom(for: max(min(total, max(Self.mostAhead, 2 * count)), Self.usualCapacity))
        var added = 0
        // withUnsafeMutableBytes passes no typed error on, so the result is taken out by hand.
        var failure: Failure?
        storage.withUnsafeMutableBytes { bytes in
            do throws(Failure) {
                added = try read(UnsafeMutableRawBufferPointer(rebasing: bytes[end...]))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        end += added
        return added
    }

    /// Takes a copy of `bytes`.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        makeRoom(for: count + bytes.count)
        storage.withUnsafeMutableBytes { storage in
            UnsafeMutableRawBufferPointer(rebasing: storage[end...]).copyMemory(from: bytes)
        }
        end += bytes.count
    }

    private mutating func makeRoom(for total: Int) {
        if start > 0 {
            let (from, length) = (start, count)
            storage.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                base.copyMemory(from: base + from, byteCount: length)
            }
            start = 0
            end = length
        }
        if storage.count < total { storage += [UInt8](repeating: 0, count: total - storage.count) }
    }
}
