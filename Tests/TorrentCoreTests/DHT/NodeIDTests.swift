import Testing
import TorrentCore

/// Names of nodes, and the addresses that they fit (BEP 42).
@Suite struct NodeIDTests {
    /// The examples of the standard.
    @Test(arguments: [
        ("124.31.75.21", "5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401"),
        ("21.75.31.124", "5a3ce9c14e7a08645677bbd1cfe7d8f956d53256"),
        ("65.23.51.170", "a5d43220bc8f112a3d426c84764f8c2a1150e616"),
        ("84.124.73.14", "1b0321dd1bb1fe518101ceef99462b947a01ff41"),
        ("43.213.53.83", "e56f6cbf5b7c4be0237986d5243b87aa6d51305a"),
    ])
    func examplesOfTheStandard(address: String, id: String) throws {
        let (address, id) = (try #require(IPAddress(address)), try #require(NodeID(hex: id)))
        #expect(id.fits(address))
        // The first 21 bits count, and the last three; nothing else.
        for bit in 0..<160 { #expect(id.flipped(bit: bit).fits(address) == (21..<157).contains(bit), "bit \(bit)") }
    }

    /// The same by the formula, written down with bytes and arrays: the checksum of the first eight bytes.
    @Test func namesForIPv6() throws {
        let address = try #require(IPAddress("2001:db8:1234:5678:9abc::1"))
        var generator = SplitMix64(seed: 1)
        let masks: [UInt8] = [0x01, 0x03, 0x07, 0x0F, 0x1F, 0x3F, 0x7F, 0xFF]
        for _ in 0..<50 {
            let id = NodeID.fitting(address, using: &generator)
            #expect(id.fits(address))
            var bytes: [UInt8] = []
            address.append(to: &bytes)
            bytes = zip(bytes, masks).map { $0 & $1 }
            bytes[0] |= id.bytes.array[19] << 5
            #expect(id.bytes.words.high >> 43 == UInt64(CRC32C.checksum(bytes)) >> 11)
        }
    }

    @Test func whoHasANetworkHasFewPlaces() {
        var generator = SplitMix64(seed: 2)
        let prefixes = Set(
            (0..<2_000).map { _ in
                // Of 79.x.y.0/24 all 256 addresses, of which the low byte counts whole: at most 2,048 prefixes of 2^21.
                NodeID.fitting(.v4(0x4F01_0200), using: &generator).bytes.words.high >> 43
            })
        #expect(prefixes.count == 8)
    }

    @Test(arguments: ["10.1.2.3", "127.0.0.1", "192.168.1.1", "169.254.0.1", "172.20.0.1", "::1", "fe80::1", "fd00::1"])
    func localAddressesFitAnyName(address: String) throws {
        var generator = SplitMix64(seed: 3)
        let address = try #require(IPAddress(address))
        #expect(NodeID.random(using: &generator).fits(address))
        let (one, other) = (NodeID.fitting(address, using: &generator), NodeID.fitting(address, using: &generator))
        #expect(one != other)
    }

    @Test func publicAddressesFitOneNameInManyThousands() throws {
        var generator = SplitMix64(seed: 4)
        let address = try #require(IPAddress("93.184.216.34"))
        let fitting = (0..<20_000).filter { _ in NodeID.random(using: &generator).fits(address) }
        #expect(fitting.count <= 1)
    }

    @Test func distances() {
        var generator = SplitMix64(seed: 5)
        let id = NodeID.random(using: &generator)
        #expect(id.commonBits(with: id) == 160)
        for bit in 0..<160 {
            #expect(id.commonBits(with: id.flipped(bit: bit)) == bit)
            let near = NodeID.random(sharing: bit, with: id, using: &generator)
            #expect(near.commonBits(with: id) >= bit)
        }
        #expect(NodeID.random(sharing: 160, with: id, using: &generator) == id)
        // What is shared is no more than that.
        let common = (0..<64).map { _ in NodeID.random(sharing: 70, with: id, using: &generator).commonBits(with: id) }
        #expect(common.contains(70) && common.contains { $0 > 70 })
    }
}
