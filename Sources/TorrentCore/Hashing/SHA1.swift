internal import CHashKernels

/// SHA-1 of one stream, fed in any parts (FIPS 180-4). For many pieces at once use `PieceHasher`.
public struct SHA1: Sendable {
    private var state = SHA1State()
    /// What came after the last whole block; fewer than 64 bytes.
    private var rest: [UInt8] = []
    private let kernel: HashKernel

    public init(kernel: HashKernel = .best) {
        self.kernel = kernel
    }

    /// The digest of `bytes`.
    public static func digest(of bytes: RawSpan) -> SHA1Digest {
        var hash = SHA1()
        hash.update(bytes)
        return hash.finish()
    }

    /// The digest of `bytes`.
    public static func digest(of bytes: [UInt8]) -> SHA1Digest {
        bytes.withBytes { digest(of: $0) }
    }

    /// Feeds the next part of the stream.
    public mutating func update(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// The bytes are only read during the call.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var bytes = unsafe bytes
        if !rest.isEmpty {
            let missing = min(64 - rest.count, bytes.count)
            unsafe rest.append(contentsOf: bytes.prefix(missing))
            unsafe bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(missing))
            guard rest.count == 64 else { return }
            unsafe rest.withUnsafeBytes { unsafe state.advance(over: $0, kernel: kernel) }
            rest.removeAll(keepingCapacity: true)
        }
        let whole = bytes.count & ~63
        unsafe state.advance(over: UnsafeRawBufferPointer(rebasing: bytes.prefix(whole)), kernel: kernel)
        unsafe rest.append(contentsOf: bytes.dropFirst(whole))
    }

    /// The digest of all that was fed. More can be fed afterwards; it continues the same stream.
    public func finish() -> SHA1Digest {
        var last = state
        var closing: [UInt8] = []
        let byteCount = state.byteCount + Int64(rest.count)
        unsafe rest.withUnsafeBytes { unsafe HashPadding.append($0, byteCount: byteCount, to: &closing) }
        unsafe closing.withUnsafeBytes { unsafe last.advance(over: $0, kernel: kernel) }
        return last.digest
    }
}

/// The state of one stream's hash between two blocks of 64 bytes: kept for a piece that is hashed part by part.
public struct SHA1State: Hashable, Sendable, BitwiseCopyable {
    // The five words of FIPS 180-4, 5.3.1.
    var a: UInt32 = 0x6745_2301
    var b: UInt32 = 0xEFCD_AB89
    var c: UInt32 = 0x98BA_DCFE
    var d: UInt32 = 0x1032_5476
    var e: UInt32 = 0xC3D2_E1F0
    /// Bytes hashed so far, always a multiple of 64.
    public internal(set) var byteCount: Int64 = 0

    public init() {}

    /// The digest, once the padding has been hashed too.
    var digest: SHA1Digest {
        SHA1Digest(Bytes20(high: UInt64(a) << 32 | UInt64(b), middle: UInt64(c) << 32 | UInt64(d), low: e))
    }

    /// A whole number of blocks of one stream.
    mutating func advance(over bytes: UnsafeRawBufferPointer, kernel: HashKernel) {
        let blocks = bytes.count / 64
        guard blocks > 0 else { return }
        var stream = unsafe stream(over: bytes)
        unsafe sha1_feed(kernel.inC, &stream, 1)
        unsafe self = SHA1State(stream, byteCount: byteCount + Int64(blocks) * 64)
    }

    func stream(over bytes: UnsafeRawBufferPointer) -> hash_stream {
        unsafe hash_stream(
            state: (a, b, c, d, e, 0, 0, 0), data: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
            blocks: bytes.count / 64)
    }

    init(_ stream: hash_stream, byteCount: Int64) {
        unsafe (a, b, c, d, e, _, _, _) = stream.state
        self.byteCount = byteCount
    }
}
