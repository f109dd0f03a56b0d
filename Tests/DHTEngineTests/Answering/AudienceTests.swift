import DHTEngine
import Testing
import TorrentCore

/// Who is told of which addresses.
@Suite struct AudienceTests {
    private static let addresses: [IPAddress] = [
        .v4(0x7F00_0001), .v4(0x0A00_0005), .v4(0xC0A8_0105), .v4(0x6440_0001), .v4(0xA9FE_0101), .v4(0x2000_0001),
    ]

    /// To those from afar nothing that lies within; on our network all of that; on our machine everything.
    @Test(arguments: [(0x2000_0901, 1), (0xC0A8_0199, 5), (0x6440_0007, 5), (0x7F00_0001, 6)] as [(UInt32, Int)])
    func nodesAndPeersAreToldToWhomTheyAreOfUse(asker: UInt32, count: Int) {
        let node = Asked()
        let told = Set(Self.addresses.suffix(count))
        for address in Self.addresses { #expect(node.announce(Asked.infoHash(1), from: address)) }
        node.nearest = Self.addresses.map { DHTContact(Asked.asker, Endpoint($0, port: 1)) }
        let response = node.response(.getPeers(Asked.infoHash(1)), from: .v4(asker))
        #expect(Set(response?.values.map(\.address) ?? []) == told)
        #expect(Set(response?.nodes?.map(\.endpoint.address) ?? []) == told)
        let found = node.response(.findNode(Asked.asker), from: .v4(asker))
        #expect(Set(found?.nodes?.map(\.endpoint.address) ?? []) == told)
    }

    @Test func thoseOfTheOtherFamilyLikewise() {
        let node = Asked()
        let local = DHTContact(Asked.asker, Endpoint(.v6(0xFC00 << 48, 1), port: 1))
        let loopback = DHTContact(Asked.asker, Endpoint(.v6(0, 1), port: 1))
        node.nearestBeside = [local, loopback, Asked.beside[0]]
        func told(_ asker: IPAddress) -> [DHTContact]? {
            node.response(.findNode(Asked.asker), from: asker, wants: .v6)?.nodes6
        }
        #expect(told(Asked.address(1)) == [Asked.beside[0]])
        #expect(told(.v4(0x0A00_0001)) == [local, Asked.beside[0]])
        #expect(told(.loopbackV4) == [local, loopback, Asked.beside[0]])
    }

    /// They do not take the places of those that can be told.
    @Test func whoIsNotToldTakesNobodysPlace() {
        let node = Asked()
        for number in 0..<150 { node.announce(Asked.infoHash(1), from: .v4(0x0A00_0000 + UInt32(number))) }
        for number in 0..<20 { node.announce(Asked.infoHash(1), from: Asked.address(number)) }
        #expect(node.peers(of: Asked.infoHash(1)).count == 20)
    }
}
