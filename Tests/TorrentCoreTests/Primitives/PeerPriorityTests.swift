import Testing
import TorrentCore

/// How much two peers ought to be connected (BEP 40), and the checksum that says it.
@Suite struct PeerPriorityTests {
    // RFC 3720, B.4, and the usual check of a CRC.
    @Test(
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            ([UInt8](0..<32), 0x46DD_794E), ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
            (Array("123456789".utf8), 0xE306_9283),
            ([], 0),
        ] as [([UInt8], UInt32)])
    func `published checksums come out`(bytes: [UInt8], checksum: UInt32) {
        #expect(CRC32C.checksum(bytes) == checksum)
    }

    /// The first two are the examples of the standard; the others follow from its rules by hand.
    @Test(
        arguments: [
            ("123.213.32.10:1", "98.76.54.32:2", [0x62, 0x4C, 0x14, 0x00, 0x7B, 0xD5, 0x00, 0x00]),
            ("123.213.32.10:1", "123.213.32.234:2", [0x7B, 0xD5, 0x20, 0x0A, 0x7B, 0xD5, 0x20, 0xEA]),
            // Of one /16: the third byte counts whole.
            ("123.213.255.255:1", "123.213.32.255:2", [0x7B, 0xD5, 0x20, 0x55, 0x7B, 0xD5, 0xFF, 0x55]),
            // At one address: the ports, in network order.
            ("9.8.7.6:6882", "9.8.7.6:51413", [0x1A, 0xE2, 0xC8, 0xD5]),
            (
                "[2001:db8:ffff:ffff:ffff::ffff]:1", "[2001:db8:1::ff]:2",
                [0x20, 0x01, 0x0D, 0xB8, 0x00, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x55]
                    + [0x20, 0x01, 0x0D, 0xB8, 0xFF, 0xFF, 0x55, 0x55, 0x55, 0x55, 0, 0, 0, 0, 0x55, 0x55]
            ),
            // Of one /48, and of one /56.
            (
                "[2001:db8:1:ffff::]:1", "[2001:db8:1:1ff::]:2",
                [0x20, 0x01, 0x0D, 0xB8, 0x00, 0x01, 0x01, 0x55] + [UInt8](repeating: 0, count: 8)
                    + [0x20, 0x01, 0x0D, 0xB8, 0x00, 0x01, 0xFF, 0x55] + [UInt8](repeating: 0, count: 8)
            ),
            (
                "[2001:db8:1:ff:ff00::]:1", "[2001:db8:1:fe::]:2",
                [0x20, 0x01, 0x0D, 0xB8, 0x00, 0x01, 0x00, 0xFE] + [UInt8](repeating: 0, count: 8)
                    + [0x20, 0x01, 0x0D, 0xB8, 0x00, 0x01, 0x00, 0xFF, 0x55] + [UInt8](repeating: 0, count: 7)
            ),
        ] as [(String, String, [UInt8])])
    func `both sides come to the same number`(one: String, other: String, bytes: [UInt8]) throws {
        let (one, other) = (try #require(Endpoint(one)), try #require(Endpoint(other)))
        #expect(PeerPriority.between(one, other) == CRC32C.checksum(bytes))
        #expect(PeerPriority.between(other, one) == CRC32C.checksum(bytes))
    }

    @Test func `the examples of the standard come out`() throws {
        let ours = try #require(Endpoint("123.213.32.10:1"))
        #expect(PeerPriority.between(ours, try #require(Endpoint("98.76.54.32:2"))) == 0xEC2D_7224)
        #expect(PeerPriority.between(ours, try #require(Endpoint("123.213.32.234:2"))) == 0x9956_8189)
        #expect(PeerPriority.between(ours, try #require(Endpoint("[2001:db8::1]:2"))) == nil)
    }

    /// Whoever owns a small network cannot pick a number: addresses that differ in masked bits alone share one.
    @Test func `a network has few numbers`() throws {
        let ours = try #require(Endpoint("9.8.7.6:1"))
        let numbers = (0..<65_536).map { PeerPriority.between(ours, Endpoint(.v4(0x0102_0000 | $0), port: 7)) }
        #expect(Set(numbers).count == 256)
    }
}
