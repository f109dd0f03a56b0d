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

@Suite struct ExtensionHandshakeTests {
    static func parse(_ text: String) throws(WireError) -> ExtensionHandshake {
        try Array(text.utf8).withBytes { span throws(WireError) in try ExtensionHandshake(parsing: span) }
    }

    @Test func theExampleOfTheStandardIsRead() throws {
        let handshake = try Self.parse("d1:md11:LT_metadatai1e6:ut_pexi2ee1:pi6881e1:v13:\u{B5}Torrent 1.2e")
        #expect(
            handshake.extensions == [
                ExtensionHandshake.Extension(name: "LT_metadata", id: 1),
                ExtensionHandshake.Extension(name: "ut_pex", id: 2),
            ])
        #expect(handshake.listenPort == 6881)
        #expect(handshake.client == "\u{B5}Torrent 1.2")
        #expect(handshake.requestQueue == nil)
    }

    @Test func oursIsReadAsItWasWritten() throws {
        let ours = ExtensionHandshake.ours(listenPort: 51413, requestQueue: 2_000, yourAddress: .loopbackV4)
        #expect(String(decoding: ours.encoded.prefix(40), as: UTF8.self).hasPrefix("d1:mde1:pi51413e4:reqqi2000e1:v"))
        #expect(try ours.encoded.withBytes { span throws(WireError) in try ExtensionHandshake(parsing: span) } == ours)
    }

    @Test func whoFetchesNothingSaysSo() throws {
        let theirs = try Self.parse("d1:mde11:upload_onlyi1ee")
        #expect(theirs.isUploadOnly && !theirs.spreads)
        #expect(try !Self.parse("d1:mde11:upload_onlyi0ee").isUploadOnly)
        var ours = ExtensionHandshake.ours(listenPort: nil, requestQueue: 10)
        (ours.isUploadOnly, ours.spreads) = (true, true)
        #expect(try ours.encoded.withBytes { span throws(WireError) in try ExtensionHandshake(parsing: span) } == ours)
    }

    @Test func nonsenseWithinIsAbsentAndNonsenseWithoutIsRefused() throws {
        let odd = try Self.parse("d1:mli1ee1:pi70000e4:reqqi-5e1:vi3e6:yourip3:abce")
        #expect(odd == ExtensionHandshake())
        #expect(throws: WireError.badExtensionHandshake) { try Self.parse("le") }
        #expect(throws: WireError.badExtensionHandshake) { try Self.parse("d1:md") }
        let long = "d1:v300:" + String(repeating: "x", count: 300) + "e"
        #expect(try Self.parse(long).client?.utf8.count == ExtensionHandshake.maximumNameBytes)
    }
}
