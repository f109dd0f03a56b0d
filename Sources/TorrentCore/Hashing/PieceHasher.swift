internal import CHashKernels

/// Hashes many buffers at once, of unequal lengths too, and keeps all streams of the kernel busy.
///
/// Either whole pieces with `digests(of:)`, or part by part: one `SHA1State` a piece, `advance` over whole blocks as
/// they come, and `finish` with the rest. Not for sharing: each worker has its own.
@safe public struct PieceHasher {
    public let kernel: HashKernel
    // Kept between calls, to be allocated once.
    private var streams: [hash_stream] = unsafe []

    public init(kernel: HashKernel = .best) {
        self.kernel = kernel
    }

    /// The digest of each buffer, in their order. The buffers are only read during the call.
    public mutating func digests(of buffers: [UnsafeRawBufferPointer]) -> [SHA1Digest] {
        var states = Array(repeating: SHA1State(), count: unsafe buffers.count)
        return unsafe finish(&states, with: buffers)
    }

    /// Hashes `buffers[n]`, a whole number of 64-byte blocks, on top of `states[n]`.
    public mutating func advance(_ states: inout [SHA1State], over buffers: [UnsafeRawBufferPointer]) {
        unsafe precondition(states.count == buffers.count)
        unsafe precondition(buffers.allSatisfy { $0.count.isMultiple(of: 64) }, "a part of a block")
        unsafe feed(&states, buffers)
    }

    /// The digests of streams that stand at `states[n]` and end with `buffers[n]`, of any length.
    public mutating func finish(_ states: inout [SHA1State], with buffers: [UnsafeRawBufferPointer]) -> [SHA1Digest] {
        unsafe precondition(states.count == buffers.count)
        unsafe feed(&states, buffers)
        // The one or two last blocks of each stream are hashed side by side as well.
        var tails: [UInt8] = []
        var ends: [Int] = []
        unsafe ends.reserveCapacity(buffers.count)
        unsafe tails.reserveCapacity(buffers.count * HashPadding.longest)
        for place in unsafe buffers.indices {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: buffers[place].suffix(buffers[place].count % 64))
            let byteCount = states[place].byteCount + Int64(rest.count)
            unsafe HashPadding.append(rest, byteCount: byteCount, to: &tails)
            ends.append(tails.count)
        }
        unsafe tails.withUnsafeBytes { bytes in
            var parts: [UnsafeRawBufferPointer] = unsafe []
            var start = 0
            for end in ends {
                unsafe parts.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                start = end
            }
            unsafe feed(&states, parts)
        }
        return states.map(\.digest)
    }

    /// The whole blocks of each buffer.
    private mutating func feed(_ states: inout [SHA1State], _ buffers: [UnsafeRawBufferPointer]) {
        // Longest first: then few streams of the kernel are idle for long at the end.
        let longest = unsafe buffers.first?.count ?? 0
        let isEven = unsafe buffers.allSatisfy { $0.count == longest }
        var order = unsafe Array(buffers.indices)
        if !isEven { order.sort { unsafe (buffers[$1].count, $0) < (buffers[$0].count, $1) } }
        unsafe streams.removeAll(keepingCapacity: true)
        for place in order { unsafe streams.append(states[place].stream(over: buffers[place])) }
        unsafe streams.withUnsafeMutableBufferPointer { streams in
            unsafe sha1_feed(kernel.inC, streams.baseAddress, streams.count)
        }
        for (stream, place) in order.enumerated() {
            let fed = unsafe Int64(buffers[place].count & ~63)
            states[place] = unsafe SHA1State(streams[stream], byteCount: states[place].byteCount + fed)
        }
    }
}
