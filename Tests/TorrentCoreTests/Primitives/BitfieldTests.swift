import Testing
import TorrentCore

@Suite struct BitfieldTests {
    @Test func `the first piece is the highest bit of the first byte`() {
        var field = Bitfield(count: 10)
        field[0] = true
        field[9] = true
        #expect(field.wire == [0x80, 0x40])
        #expect(Bitfield(count: 10, filled: true).wire == [0xFF, 0xC0])
        #expect(Bitfield(count: 0).wire == [])
    }

    @Test(
        arguments: [
            ([0x80, 0x40], 10, true), ([0x80], 10, false), ([0x80, 0x40, 0], 10, false), ([0x00, 0x01], 16, true),
            ([], 0, true), ([0], 0, false),
        ] as [([UInt8], Int, Bool)])
    func `a wrong length is refused`(bytes: [UInt8], count: Int, isRight: Bool) {
        #expect(bytes.withBytes { Bitfield(wire: $0, count: count) != nil } == isRight)
    }

    /// libtorrent reads them so too; a few programs set them.
    @Test(arguments: [1, 5, 7, 9, 10, 63, 65, 127, 130])
    func `spare bits count for nothing`(count: Int) throws {
        let ones = [UInt8](repeating: 0xFF, count: (count + 7) / 8)
        let field = try #require(ones.withBytes { Bitfield(wire: $0, count: count) })
        #expect(field == Bitfield(count: count, filled: true))
        #expect(field.isFull)
        #expect(ones.withBytes { Bitfield.isFull(wire: $0, count: count) })
        #expect(!Array(ones.dropLast()).withBytes { Bitfield.isFull(wire: $0, count: count) })
        #expect(field.wire == Bitfield(count: count, filled: true).wire)
    }

    @Test func `whatever is set, count, order and wire form agree with a plain list`() throws {
        var generator = SplitMix64(seed: 31)
        for count in [1, 7, 8, 63, 64, 65, 128, 200] {
            var field = Bitfield(count: count)
            var plain = Array(repeating: false, count: count)
            for _ in 0..<3 * count {
                let position = Int.random(in: 0..<count, using: &generator)
                let value = Bool.random(using: &generator)
                field[position] = value
                plain[position] = value
                #expect(field.setCount == plain.count { $0 })
            }
            var seen: [Int] = []
            field.forEachSet { seen.append($0) }
            #expect(seen == plain.indices.filter { plain[$0] })
            #expect(field.isFull == plain.allSatisfy { $0 })
            #expect(field.isEmpty == !plain.contains(true))
            let copy = try #require(field.wire.withBytes { Bitfield(wire: $0, count: count) })
            #expect(copy == field)
            #expect(copy.setCount == field.setCount)
            #expect(field.wire.withBytes { Bitfield.isFull(wire: $0, count: count) } == field.isFull)
        }
    }
}
