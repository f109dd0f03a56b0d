import Testing
import TorrentCore

@Suite struct ByteAccessTests {
    @Test func `numbers are in network order at any offset`() {
        let bytes: [UInt8] = [0xFF, 1, 2, 3, 4, 5, 6, 7, 8]
        bytes.withBytes { span in
            #expect(span.uint8(at: 0) == 0xFF)
            #expect(span.uint16(at: 1) == 0x0102)
            #expect(span.uint32(at: 1) == 0x0102_0304)
            #expect(span.uint64(at: 1) == 0x0102_0304_0506_0708)
            #expect(span.array(2..<4) == [2, 3])
            #expect(span.array == bytes)
        }
    }

    @Test func `what is appended reads back`() {
        var generator = SplitMix64(seed: 35)
        for _ in 0..<100 {
            let (a, b, c) = (
                generator.next(), UInt32(truncatingIfNeeded: generator.next()),
                UInt16.random(in: 0 ... .max, using: &generator)
            )
            var bytes: [UInt8] = [0]
            bytes.appendBigEndian(a)
            bytes.appendBigEndian(b)
            bytes.appendBigEndian(c)
            #expect(bytes.count == 15)
            #expect(bytes.withBytes { ($0.uint64(at: 1), $0.uint32(at: 9), $0.uint16(at: 13)) == (a, b, c) })
        }
    }

    @Test func `every byte is a hexadecimal digit or none`() {
        for byte in UInt8.min ... .max {
            let expected = Int(String(decoding: [byte], as: UTF8.self), radix: 16).map { UInt8($0) }
            #expect([UInt8](hex: String(decoding: [48, byte], as: UTF8.self))?.first == (byte < 128 ? expected : nil))
        }
    }

    @Test func `decimals of every length are written`() {
        var number: UInt64 = 1
        for _ in 0..<20 {
            for value in [number - 1, number, number &+ 1] {
                var bytes: [UInt8] = [7]
                bytes.append(decimal: value)
                #expect(bytes == [7] + Array("\(value)".utf8))
            }
            number = number.multipliedReportingOverflow(by: 10).partialValue
        }
        var bytes: [UInt8] = []
        bytes.append(decimal: UInt64.max)
        bytes.append(decimal: Int64.min)
        #expect(String(decoding: bytes, as: UTF8.self) == "\(UInt64.max)\(Int64.min)")
    }

    @Test func `hexadecimal is read in either case and written in lower`() {
        #expect([UInt8](hex: "00fFA9") == [0, 0xFF, 0xA9])
        #expect([UInt8](hex: "") == [])
        for text in ["0", "0g", "é0", " 0", "0x", "000"] { #expect([UInt8](hex: text) == nil) }
        #expect([0, 0xFF, 0xA9].hex == "00ffa9")
    }

    @Test func `our peer ids have the look of BEP 20, and differ`() {
        var generator = SplitMix64(seed: 37)
        let ids = (0..<100).map { _ in PeerID.random(using: &generator).bytes.array }
        #expect(Set(ids).count == 100)
        for id in ids {
            #expect(id.prefix(8).elementsEqual("-PS0100-".utf8))
            #expect(id.dropFirst(8).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) })
        }
    }

    @Test func `twenty bytes keep their value and their order`() throws {
        var generator = SplitMix64(seed: 36)
        var all: [[UInt8]] = []
        for _ in 0..<100 {
            let bytes = [UInt8].random(count: 20, using: &generator)
            let value = try #require(Bytes20(bytes))
            #expect(value.array == bytes)
            #expect(InfoHash(hex: bytes.hex)?.bytes == value)
            all.append(bytes)
        }
        let sorted = try all.map { try #require(Bytes20($0)) }.sorted().map(\.array)
        #expect(sorted == all.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(Bytes20(Array(repeating: 1, count: 19)) == nil)
        #expect(Bytes20(hex: String(repeating: "0", count: 38)) == nil)
    }

    @Test func `the seeded generator gives the published numbers`() {
        // The first outputs of SplitMix64 for the seed 1234567.
        var generator = SplitMix64(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
    }
}
