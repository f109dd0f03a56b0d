internal import CHashKernels

/// SHA-256 of one stream, fed in any parts, or of many buffers at once (FIPS 180-4).
@safe public struct SHA256: Sendable {
    // FIPS 180-4, 5.3.3.
    private static let start: State = (
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19
    )
    private typealias State = (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)

    private var state = Self.start
    /// What came after the last whole block; fewer than 64 bytes.
    private var rest: [UInt8] = []
    private var byteCount: Int64 = 0
    private let kernel: HashKernel

    public init(kernel: HashKernel = .best) {
        self.kernel = kernel
    }

    /// The digest of `bytes`.
    public static func digest(of bytes: [UInt8], kernel: HashKernel = .best) -> SHA256Digest {
        var hash = SHA256(kernel: kernel)
        bytes.withBytes { hash.update($0) }
        return hash.finish()
    }

    /// The digest of each buffer, in their order, with all streams of the kernel. The buffers are only read during the
    /// call.
    public static func digests(
        of buffers: [UnsafeRawBufferPointer], kernel: HashKernel = .best
    ) -> [SHA256Digest] {
        var states = Array(repeating: start, count: unsafe buffers.count)
        // Long ones first, as for SHA-1.
        let order = unsafe buffers.indices.sorted { unsafe (buffers[$1].count, $0) < (buffers[$0].count, $1) }
        unsafe feed(&states, order.map { unsafe ($0, buffers[$0]) }, kernel)
        var tails: [UInt8] = []
        unsafe tails.reserveCapacity(buffers.count * HashPadding.longest)
        var ends: [Int] = []
        for place in unsafe buffers.indices {
            let count = unsafe buffers[place].count
            let last = unsafe UnsafeRawBufferPointer(rebasing: buffers[place].suffix(count % 64))
            unsafe HashPadding.append(last, byteCount: Int64(count), to: &tails)
            ends.append(tails.count)
        }
        unsafe tails.withUnsafeBytes { bytes in
            var parts: [(Int, UnsafeRawBufferPointer)] = unsafe []
            for (place, end) in ends.enumerated() {
                let begin = place == 0 ? 0 : ends[place - 1]
                unsafe parts.append((place, UnsafeRawBufferPointer(rebasing: bytes[begin..<end])))
            }
            unsafe feed(&states, parts, kernel)
        }
        return states.map { SHA256Digest($0) }
    }

    /// Feeds the next part of the stream.
    public mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// The bytes are only read during the call.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var bytes = unsafe bytes
        byteCount += Int64(bytes.count)
        if !rest.isEmpty {
            let missing = min(64 - rest.count, bytes.count)
            unsafe rest.append(contentsOf: bytes.prefix(missing))
            unsafe bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(missing))
            guard rest.count == 64 else { return }
            unsafe rest.withUnsafeBytes { unsafe Self.advance(&state, over: $0, kernel) }
            rest.removeAll(keepingCapacity: true)
        }
        unsafe Self.advance(&state, over: bytes, kernel)
        unsafe rest.append(contentsOf: bytes.suffix(bytes.count % 64))
    }

    /// The digest of all that was fed. More can be fed afterwards; it continues the same stream.
    public func finish() -> SHA256Digest {
        var last = state
        var closing: [UInt8] = []
        unsafe rest.withUnsafeBytes { unsafe HashPadding.append($0, byteCount: byteCount, to: &closing) }
        unsafe closing.withUnsafeBytes { unsafe Self.advance(&last, over: $0, kernel) }
        return SHA256Digest(last)
    }

    /// The whole blocks of one stream.
    private static func advance(_ state: inout State, over bytes: UnsafeRawBufferPointer, _ kernel: HashKernel) {
        var stream = unsafe stream(state, bytes)
        unsafe sha256_feed(kernel.inC, &stream, 1)
        state = unsafe stream.state
    }

    /// The whole blocks of each buffer, on top of the state at its place.
    private static func feed(
        _ states: inout [State], _ buffers: [(place: Int, bytes: UnsafeRawBufferPointer)], _ kernel: HashKernel
    ) {
        var streams = unsafe buffers.map { unsafe stream(states[$0.place], $0.bytes) }
        unsafe streams.withUnsafeMutableBufferPointer { streams in
            unsafe sha256_feed(kernel.inC, streams.baseAddress, streams.count)
        }
        for number in unsafe buffers.indices { unsafe states[buffers[number].place] = unsafe streams[number].state }
    }

    private static func stream(_ state: State, _ bytes: UnsafeRawBufferPointer) -> hash_stream {
        unsafe hash_stream(
            state: state, data: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), blocks: bytes.count / 64)
    }
}
