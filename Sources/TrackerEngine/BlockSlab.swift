import CMemoryHints

/// Blocks of a few sizes, each size packed without a hole: when one is given back, the last of its size takes its
/// place, and the caller redirects whoever holds it. So memory follows what is in use, in whatever order it grew.
struct BlockSlab: ~Copyable {
    /// Where a block lies: the number of its chunk, and its number in there. 0 is no block.
    typealias Reference = UInt32

    @safe private struct Chunk {
        let base: UnsafeMutableRawPointer?
        let blockBytes: Int
        let sizeClass: Int
    }

    /// The blocks of one size.
    private struct Pool {
        let blockBytes: Int
        let blocksAChunk: Int
        var chunks: [UInt32] = []
        var count = 0
        /// Blocks from this one on, up to the end of the chunks, take no physical memory.
        var touched = 0
    }

    // Chunk 0 stands for none.
    private var chunks: [Chunk] = [unsafe Chunk(base: nil, blockBytes: 0, sizeClass: 0)]
    private var unusedNumbers: [UInt32] = []
    private var pools: [Pool]
    // The smallest class that has so many eight bytes.
    private let classes: [UInt8]
    // Recently freed chunks, so that one that comes and goes does not cost a system call each time.
    private var spares: [Spare] = []

    @safe private struct Spare { let base: UnsafeMutableRawPointer }

    // So large that the allocator gets each from the system, and gives it back, by itself.
    private static var chunkBytes: Int { 256 * 1_024 }
    private static var mostSpares: Int { 2 }
    // Memory kept for a size that is hardly in use: so much when blocks are freed, and twice as much at most. As a
    // table grows and the sizes in use change, many sizes keep some.
    private static var leastSlackBytes: Int { 4 * 1_024 }
    // For a size that is in use, this fraction more, so that memory does not come and go with every few blocks.
    private static var slackPart: Int { 128 }
    private static var numberBits: UInt32 { 14 }

    /// One size class for each of `sizes`, ascending, in bytes, multiples of eight.
    init(sizes: [Int]) {
        precondition(sizes.allSatisfy { $0 > 0 && $0.isMultiple(of: 8) })
        classes = (0...(sizes.last ?? 0) / 8).map { eights in UInt8(sizes.firstIndex { $0 >= eights * 8 } ?? 0) }
        pools = sizes.map { Pool(blockBytes: $0, blocksAChunk: min(Self.chunkBytes / $0, 1 << Int(Self.numberBits))) }
    }

    deinit {
        for chunk in chunks { unsafe chunk.base?.deallocate() }
        for spare in spares { unsafe spare.base.deallocate() }
    }

    /// Bytes held for blocks in use and unused ones that are kept. Spare chunks hold next to nothing.
    var heldBytes: Int { pools.reduce(0) { $0 + $1.touched * $1.blockBytes } }

    /// The smallest class whose blocks have `bytes`; nil if none has.
    @inline(__always)
    func sizeClass(for bytes: Int) -> Int? {
        let eights = (bytes + 7) / 8
        return eights < classes.count ? Int(classes[eights]) : nil
    }

    @inline(__always)
    func sizeClass(of reference: Reference) -> Int {
        chunks[Int(reference >> Self.numberBits)].sizeClass
    }

    @inline(__always)
    func block(_ reference: Reference) -> MemoryBlock {
        let chunk = chunks[Int(reference >> Self.numberBits)]
        guard let base = unsafe chunk.base else { preconditionFailure("no such block") }
        let number = Int(reference & (1 << Self.numberBits - 1))
        return unsafe MemoryBlock(base: base + number * chunk.blockBytes, byteCount: chunk.blockBytes)
    }

    /// A block of arbitrary contents.
    mutating func allocate(_ sizeClass: Int) -> Reference {
        let (chunk, number) = pools[sizeClass].count.quotientAndRemainder(dividingBy: pools[sizeClass].blocksAChunk)
        if chunk == pools[sizeClass].chunks.count { addChunk(to: sizeClass) }
        pools[sizeClass].count += 1
        pools[sizeClass].touched = max(pools[sizeClass].touched, pools[sizeClass].count)
        return pools[sizeClass].chunks[chunk] << Self.numberBits | UInt32(number)
    }

    /// Gives a block back. If another was moved into its place, where that one was before: whoever refers to it must
    /// be redirected to `reference`.
    mutating func free(_ reference: Reference) -> Reference? {
        let sizeClass = sizeClass(of: reference)
        pools[sizeClass].count -= 1
        let pool = pools[sizeClass]
        let (chunk, number) = pool.count.quotientAndRemainder(dividingBy: pool.blocksAChunk)
        let last = pool.chunks[chunk] << Self.numberBits | UInt32(number)
        if last != reference { block(reference).copy(block(last), 0..<pool.blockBytes, to: 0) }
        let slack = Self.leastSlackBytes + pool.count * pool.blockBytes / Self.slackPart
        if (pool.touched - pool.count) * pool.blockBytes >= 2 * slack {
            giveBack(of: sizeClass, from: pool.count + slack / pool.blockBytes)
        }
        // Half a chunk of slack, so that one block more and one less do not ask the system each time.
        let room = pool.chunks.count * pool.blocksAChunk - pool.count
        if room >= pool.blocksAChunk + pool.blocksAChunk / 2 || pool.count == 0 { dropChunk(of: sizeClass) }
        return last == reference ? nil : last
    }

    /// Gives the memory of unused blocks, from `kept` on, back to the system; their addresses stay reserved.
    private mutating func giveBack(of sizeClass: Int, from kept: Int) {
        let pool = pools[sizeClass]
        var first = kept
        while first < pool.touched {
            let (chunk, number) = first.quotientAndRemainder(dividingBy: pool.blocksAChunk)
            if let base = unsafe chunks[Int(pool.chunks[chunk])].base {
                let start = number * pool.blockBytes
                // To the very end, for whole pages alone go back: part of one may have stayed the last time.
                unsafe p2p_give_back(base + start, Self.chunkBytes - start)
            }
            first += pool.blocksAChunk - number
        }
        pools[sizeClass].touched = min(kept, pool.touched)
    }

    private mutating func addChunk(to sizeClass: Int) {
        let base = unsafe spares.popLast()?.base ?? .allocate(byteCount: Self.chunkBytes, alignment: 64)
        let chunk = unsafe Chunk(base: base, blockBytes: pools[sizeClass].blockBytes, sizeClass: sizeClass)
        if let number = unusedNumbers.popLast() {
            chunks[Int(number)] = chunk
            pools[sizeClass].chunks.append(number)
        } else {
            precondition(chunks.count < 1 << (32 - Int(Self.numberBits)), "a slab holds 64 GiB")
            pools[sizeClass].chunks.append(UInt32(chunks.count))
            chunks.append(chunk)
        }
    }

    private mutating func dropChunk(of sizeClass: Int) {
        let start = (pools[sizeClass].chunks.count - 1) * pools[sizeClass].blocksAChunk
        // A size with a single block may have it come and go again and again.
        if (pools[sizeClass].touched - start) * pools[sizeClass].blockBytes > 2 * Self.leastSlackBytes {
            giveBack(of: sizeClass, from: start)
        }
        pools[sizeClass].touched = min(pools[sizeClass].touched, start)
        let number = pools[sizeClass].chunks.removeLast()
        if let base = unsafe chunks[Int(number)].base {
            if spares.count < Self.mostSpares {
                spares.append(unsafe Spare(base: base))
            } else {
                unsafe base.deallocate()
            }
        }
        chunks[Int(number)] = unsafe Chunk(base: nil, blockBytes: 0, sizeClass: 0)
        unusedNumbers.append(number)
    }
}
