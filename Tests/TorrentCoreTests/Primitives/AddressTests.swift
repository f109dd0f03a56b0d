import Testing
import TorrentCore

@Suite struct AddressTests {
    // RFC 4291, 2.2, and RFC 5952, 4.
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"),
        ("1::", "1::"), ("2001:0DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("[fe80::1]", "fe80::1"), ("::ffff:10.0.0.1", "10.0.0.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
    func `addresses are read and written in the short form`(text: String, short: String) throws {
        #expect(try #require(IPAddress(text)).description == short)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.-4", "1.2.3.4 ", "01234.0.0.1", ":", ":::", "1::2::3",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "g::", "::1.2.3", "1.2.3.4::", "[::1",
        "::1]", "[]", "fe80::1%eth0", "host", "+1.2.3.4", "::+1",
    ])
    func `everything else is refused`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [("10.0.0.1:6881", true), ("[::1]:1", true), ("[::ffff:1.2.3.4]:0", true), ("::1:1", false)])
    func `endpoints need brackets around IPv6`(text: String, isRight: Bool) {
        #expect((Endpoint(text) != nil) == isRight)
    }

    @Test(arguments: ["", ":", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "[::1]1", "[::1]", "a:1"])
    func `malformed endpoints are refused`(text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test func `random addresses survive text and compact form`() throws {
        var generator = SplitMix64(seed: 34)
        for round in 0..<500 {
            // Zeros in many places, so that the short form is tried.
            let mask = generator.next() | generator.next()
            let address =
                round.isMultiple(of: 3)
                ? IPAddress.v4(UInt32(truncatingIfNeeded: generator.next()))
                : IPAddress(high: generator.next() & mask, low: generator.next() & ~mask)
            #expect(IPAddress(address.description) == address)
            let endpoint = Endpoint(address, port: UInt16(truncatingIfNeeded: generator.next()))
            #expect(Endpoint(endpoint.description) == endpoint)
            var bytes: [UInt8] = []
            endpoint.appendCompact(to: &bytes)
            #expect(bytes.count == (address.isV4 ? 6 : 18))
            #expect(bytes.withBytes { Endpoint(compact: $0) } == endpoint)
        }
    }

    @Test(arguments: [
        ("10.255.0.1", true), ("172.16.0.1", true), ("172.31.255.255", true), ("172.32.0.1", false),
        ("192.168.0.1", true), ("192.169.0.1", false), ("169.254.1.1", true), ("8.8.8.8", false), ("fd00::1", true),
        ("fe80::1", true), ("fec0::1", false), ("2001:db8::1", false), ("127.0.0.1", false),
    ])
    func `private networks are told`(text: String, isPrivate: Bool) throws {
        #expect(try #require(IPAddress(text)).isPrivate == isPrivate)
    }
}
