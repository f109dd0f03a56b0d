import Testing
import TorrentCore

@testable import TrackerEngine

@Suite struct ConnectionIDTests {
    @Test func `SipHash has its published values`() {
        // Key 00 01 .. 0f, messages 00, 00 01, ... of growing length: the vectors of its authors.
        let hash = SipHash(key: (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908))
        #expect(hash.hash([]) == 0x726F_DB47_DD0E_0E31)
        #expect(hash.hash([0]) == 0x74F8_39C5_93DC_67FD)
        #expect(hash.hash(Array(0..<7)) == 0xAB02_00F5_8B01_D137)
        #expect(hash.hash(Array(0..<8)) == 0x93F5_F579_9A93_2462)
        #expect(hash.hash(Array(0..<15)) == 0xA129_CA61_49BE_45E5)
        #expect(hash.hash(0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908) == hash.hash(Array(0..<16)))
    }

    @Test(arguments: ["127.0.0.1", "2001:db8::1"])
    func `an id holds two to three minutes, for its address and its tracker`(text: String) throws {
        let address = try #require(IPAddress(text))
        let issuer = ConnectionIDIssuer(secret: (1, 2))
        for start: Int64 in [0, 59, 60, 119] {
            let issued = Moment(nanoseconds: start * 1_000_000_000)
            let identifier = issuer.issue(to: address, at: issued)
            #expect(issuer.accepts(identifier, from: address, at: issued))
            #expect(issuer.accepts(identifier, from: address, at: issued + .seconds(120)))
            #expect(!issuer.accepts(identifier, from: address, at: issued + .seconds(180)))
            #expect(!issuer.accepts(identifier, from: .v4(0x0808_0808), at: issued))
            let other = UDPConnectionID(identifier.rawValue &+ 1)
            #expect(!issuer.accepts(other, from: address, at: issued))
            #expect(!ConnectionIDIssuer(secret: (1, 3)).accepts(identifier, from: address, at: issued))
        }
    }
}
