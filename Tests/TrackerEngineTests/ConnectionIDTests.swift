import Testing
import TorrentCore

@testable import TrackerEngine

@Suite struct ConnectionIDTests {
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
