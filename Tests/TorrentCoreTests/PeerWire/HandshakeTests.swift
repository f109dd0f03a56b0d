import Testing
import TorrentCore

@Suite struct HandshakeTests {
    static let hex =
        "13426974546f7272656e742070726f746f636f6c" + "0000000000100004"
        + "000102030405060708090a0b0c0d0e0f10111213" + "2d5053303130302d6162636465666768696a6b6c"

    static func parse(_ bytes: [UInt8]) throws(WireError) -> Handshake {
        try bytes.withBytes { span throws(WireError) in try Handshake(parsing: span) }
    }

    @Test func bytesAreThoseOfTheStandard() throws {
        let bytes = try #require([UInt8](hex: Self.hex))
        let handshake = try Self.parse(bytes)
        #expect(handshake.reserved == [.fast, .extended])
        #expect(handshake.infoHash.hex == "000102030405060708090a0b0c0d0e0f10111213")
        #expect(handshake.peerID.hex == "2d5053303130302d6162636465666768696a6b6c")
        var written: [UInt8] = []
        handshake.append(to: &written)
        #expect(written == bytes)
    }

    @Test func everyWrongByteOfTheOpeningIsSeenAtOnce() throws {
        let bytes = try #require([UInt8](hex: Self.hex))
        for position in 0..<20 {
            var wrong = bytes
            wrong[position] ^= 1
            #expect(throws: WireError.notBitTorrent) { try Self.parse(Array(wrong[...position])) }
        }
        #expect(throws: WireError.handshakeTooShort(67)) { try Self.parse(Array(bytes[..<67])) }
    }
}
