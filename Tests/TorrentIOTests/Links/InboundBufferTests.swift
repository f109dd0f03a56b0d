import Testing

@testable import TorrentIO

@Suite struct InboundBufferTests {
    /// A long message takes memory as it comes, not when it is announced.
    @Test func roomGrowsWithWhatHasCome() {
        let total = 1 << 20
        var buffer = InboundBuffer()
        var rooms: [Int] = []
        while buffer.count < total, rooms.count < 100 {
            let place = UInt8(truncatingIfNeeded: rooms.count)
            let read = buffer.fill(upTo: total) { free in
                rooms.append(free.count)
                for position in free.indices { free[position] = place }
                return free.count
            }
            #expect(read > 0)
        }
        #expect(rooms == [65_536, 65_536, 131_072, 262_144, 524_288])
        let sums = buffer.withUnsafeBytes { bytes in (0...4).map { place in bytes.count { $0 == place } } }
        #expect(sums == rooms)
    }

    /// Whatever comes at once, and whatever has been dealt with before: there is always room for more of a message.
    @Test(arguments: [100, 4_095, 65_536, 70_000])
    func thereIsRoomUntilItIsWhole(portion: Int) {
        var buffer = InboundBuffer()
        _ = buffer.fill(upTo: 10) { $0.count }
        buffer.consume(InboundBuffer.usualCapacity - 3)
        let total = 200_000
        var reads = 0
        while buffer.count < total, reads < total {
            let before = buffer.count
            let read = buffer.fill(upTo: total) { min($0.count, portion) }
            #expect(read > 0 && buffer.count == before + read)
            reads += 1
        }
        #expect(buffer.count >= total && buffer.count < total + portion)
        buffer.consume(buffer.count)
        #expect(buffer.isEmpty)
    }
}
