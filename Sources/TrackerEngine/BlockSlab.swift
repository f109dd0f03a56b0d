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
    }

    // Chunk 0 stands for none.
    private var chunks: [Chunk] = [unsafe Chunk(base: nil, blockBytes: 0, sizeClass: 0)]
    private var unusedNumbers: [UInt32] = []
    private var pools: [Pool]
    private let sizes: [Int]
    // Chunks that were given back last, for one that comes and goes not to ask the system each time.
    private var spares: [Spare] = []

    @safe private struct Spare { let base: UnsafeMutableRawPointer }

    // Large enough to come from the system and go back to it by itself.
    private static var chunkBytes: Int { 256 * 1_024 }
    private static var mostSpares: Int { 2 }
    private static var numberBits: UInt32 { 14 }

    /// One size class for each of `sizes`, ascending, in bytes.
    init(sizes: [Int]) {
        self.sizes = sizes
        pools = sizes.map { Pool(blockBytes: $0, blocksAChunk: min(Self.chunkBytes / $0, 1 << Int(Self.numberBits))) }
    }

    deinit {
        for chunk in chunks { unsafe chunk.base?.deallocate() }
        for spare in spares { unsafe spare.base.deallocate() }
    }

    /// Bytes that are held, of blocks in use and room for more.
    var heldBytes: Int { pools.reduce(spares.count * Self.chunkBytes) { $0 + $1.chunks.count * Self.chunkBytes } }

    /// The smallest class whose blocks have `bytes`; nil if none has.
    func sizeClass(for bytes: Int) -> Int? { sizes.firstIndex { $0 >= bytes } }

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
        // Half a chunk of slack, so that one block more and one less do not ask the system each time.
        let room = pool.chunks.count * pool.blocksAChunk - pool.count
        if room >= pool.blocksAChunk + pool.blocksAChunk / 2 || pool.count == 0 { dropChunk(of: sizeClass) }
        return last == reference ? nil : last
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
