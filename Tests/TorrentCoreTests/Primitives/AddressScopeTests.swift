import Testing
import TorrentCore

/// From how far an address can be reached, and who is near it.
@Suite struct AddressScopeTests {
    @Test(
        arguments: [
            ("0.0.0.0", .unusable), ("0.255.255.255", .unusable), ("1.0.0.0", .world), ("9.255.255.255", .world),
            ("10.0.0.0", .site), ("10.255.255.255", .site), ("11.0.0.0", .world), ("100.63.255.255", .world),
            ("100.64.0.0", .site), ("100.127.255.255", .site), ("100.128.0.0", .world), ("126.255.255.255", .world),
            ("127.0.0.0", .loopback), ("127.255.255.255", .loopback), ("128.0.0.0", .world),
            ("169.253.255.255", .world), ("169.254.0.0", .link), ("169.254.255.255", .link), ("169.255.0.0", .world),
            ("172.15.255.255", .world), ("172.16.0.0", .site), ("172.31.255.255", .site), ("172.32.0.0", .world),
            ("192.167.255.255", .world), ("192.168.0.0", .site), ("192.168.255.255", .site), ("192.169.0.0", .world),
            ("223.255.255.255", .world), ("224.0.0.0", .unusable), ("239.255.255.255", .unusable),
            ("240.0.0.0", .unusable), ("255.255.255.255", .unusable),
            ("::", .unusable), ("::1", .loopback), ("::2", .unusable), ("::7f00:1", .unusable),
            ("64:ff9b::808:808", .world), ("2001:db8::1", .world), ("2a00::1", .world), ("fbff::1", .world),
            ("fc00::1", .site), ("fdff:ffff::1", .site), ("fe00::1", .world), ("fe7f::1", .world), ("fe80::1", .link),
            ("febf::1", .link), ("fec0::1", .site), ("feff::1", .site), ("ff00::1", .unusable), ("ff02::1", .unusable),
        ] as [(String, IPAddress.Scope)])
    func `every range has its scope`(text: String, scope: IPAddress.Scope) throws {
        #expect(try #require(IPAddress(text)).scope == scope)
    }

    /// However such a value was made.
    @Test(
        arguments: [(0x7F00_0001, .loopback), (0x0A01_0203, .site), (0x0808_0808, .world), (0, .unusable)]
            as [(UInt64, IPAddress.Scope)])
    func `a mapped address is IPv4`(bits: UInt64, scope: IPAddress.Scope) {
        #expect(IPAddress.v6(0, 0xFFFF_0000_0000 | bits).scope == scope)
        #expect(IPAddress(high: 0, low: 0xFFFF_0000_0000 | bits).scope == scope)
    }

    @Test(arguments: [
        ("203.0.113.77", "203.0.113.0/24"), ("2001:db8:7:8::9", "2001:db8:7::/48"),
        ("255.255.255.255", "255.255.255.0/24"),
    ])
    func `neighbours share 24 or 48 bits`(text: String, block: String) throws {
        #expect(try #require(IPAddress(text)).neighbourhood.description == block)
    }

    @Test(arguments: [
        ("10.1.2.3/8", "10.0.0.0/8"), ("10.1.2.3/32", "10.1.2.3/32"), ("10.1.2.3/0", "0.0.0.0/0"),
        ("10.1.2.3/31", "10.1.2.2/31"), ("2001:db8::ffff/64", "2001:db8::/64"),
        ("2001:db8::ffff/127", "2001:db8::fffe/127"),
        ("2001:db8:ffff::/33", "2001:db8:8000::/33"), ("::1/0", "::/0"), ("::1/128", "::1/128"),
    ])
    func `a block begins with its first address`(text: String, block: String) throws {
        let read = try #require(AddressBlock(text))
        #expect(read.description == block)
        #expect(AddressBlock(block) == read)
        #expect(read.contains(try #require(IPAddress(text: text.prefix { $0 != "/" }))))
    }

    @Test(arguments: ["", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "a/8", "10.0.0.0/8 "])
    func `nothing else is a block`(text: String) {
        #expect(AddressBlock(text) == nil)
        #expect(InterfaceAddress(text) == nil)
    }

    @Test func `a block holds its own and no others`() throws {
        let block = try #require(AddressBlock("192.168.4.0/22"))
        for (text, isIn) in [
            ("192.168.3.255", false), ("192.168.4.0", true), ("192.168.7.255", true), ("192.168.8.0", false),
            ("::c0a8:400", false),
        ] {
            #expect(block.contains(try #require(IPAddress(text))) == isIn, "\(text)")
        }
        #expect(block.broadcast == IPAddress("192.168.7.255"))
        #expect(try #require(AddressBlock("10.0.0.0/31")).broadcast == nil)
        #expect(try #require(AddressBlock("fe80::/10")).broadcast == nil)
    }

    @Test func `an interface keeps its address`() throws {
        let interface = try #require(InterfaceAddress("192.168.1.7/24"))
        #expect(interface == InterfaceAddress(.v4(0xC0A8_0107), prefixLength: 24))
        #expect(interface.network.description == "192.168.1.0/24")
        #expect(InterfaceAddress(interface.description) == interface)
    }
}
