import Testing
import TorrentIO

@Suite struct PieceBufferPoolTests {
    @Test func theBudgetIsKept() throws {
        let pool = PieceBufferPool(budget: 64 << 10, idleLimit: 64 << 10)
        var buffers = try (0..<4).map { _ in try #require(pool.take(16 << 10)) }
        #expect(pool.take(1) == nil)
        let extra = try #require(pool.take(16 << 10, evenOverBudget: true))
        #expect(pool.figures.used == 80 << 10)
        // One back is not enough, two are.
        buffers.removeLast()
        #expect(pool.take(16 << 10) == nil)
        buffers.removeLast()
        #expect(pool.take(16 << 10) != nil)
        _ = extra
    }

    @Test func memoryIsUsedAgain() throws {
        let pool = PieceBufferPool(budget: 1 << 20, idleLimit: 1 << 20)
        var buffer = pool.take(20_000)
        let base = try #require(buffer?.base)
        #expect(Int(bitPattern: base).isMultiple(of: 4_096))
        buffer?.pointer(at: 19_999).storeBytes(of: 1, as: UInt8.self)
        buffer = nil
        #expect(pool.figures.idle == 20_480)
        // Another length of as many pages will do.
        buffer = pool.take(20_001)
        #expect(buffer?.base == base && buffer?.length == 20_001)
    }

    @Test func idleMemoryIsBoundedAndGivesWay() throws {
        let pool = PieceBufferPool(budget: 64 << 10, idleLimit: 32 << 10)
        var buffers = (0..<4).map { _ in pool.take(16 << 10) }
        #expect(buffers.allSatisfy { $0 != nil })
        buffers = []
        #expect(pool.figures == PieceBufferPool.Figures(used: 0, idle: 32 << 10))
        // A big one leaves no room for what lies idle.
        let big = pool.take(64 << 10)
        #expect(big != nil)
        #expect(pool.figures == PieceBufferPool.Figures(used: 64 << 10, idle: 0))
    }

    @Test func trimGivesEverythingBack() {
        let pool = PieceBufferPool(budget: 64 << 10, idleLimit: 64 << 10)
        _ = pool.take(16 << 10)
        #expect(pool.figures.idle == 16 << 10)
        pool.trim()
        #expect(pool.figures.idle == 0)
    }
}
