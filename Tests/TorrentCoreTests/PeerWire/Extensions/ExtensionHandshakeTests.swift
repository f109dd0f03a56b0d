import Testing
import TorrentCore

@Suite struct ExtensionHandshakeTests {
    static func parse(_ text: String) throws(WireError) -> ExtensionHandshake {
        try Array(text.utf8).withBytes { span throws(WireError) in try ExtensionHandshake(parsing: span) }
    }

    @Test func theExampleOfTheStandardIsRead() throws {
        let handshake = try Self.parse("d1:md11:LT_metadatai1e6:ut_pexi2ee1:pi6881e1:v13:\u{B5}Torrent 1.2e")
        // The name of another program's own extension is none of ours.
        #expect(handshake.ids[.metadata] == nil && handshake.ids.id(for: .exchange) == 2)
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
        let odd = try Self.parse(
            "d4:ipv416:0123456789abcdef4:ipv64:abcd1:mli1ee13:metadata_sizei-1e1:pi70000e4:reqqi-5e1:vi3e6:yourip3:abce"
        )
        #expect(odd == ExtensionHandshake())
        #expect(throws: WireError.badExtensionHandshake) { try Self.parse("le") }
        #expect(throws: WireError.badExtensionHandshake) { try Self.parse("d1:md") }
        let long = "d1:v300:" + String(repeating: "x", count: 300) + "e"
        #expect(try Self.parse(long).client?.utf8.count == ExtensionHandshake.maximumNameBytes)
    }

    @Test func theIdsOfExtensionsAreTheirOwn() throws {
        let handshake = try Self.parse(
            "d1:md11:lt_donthavei7e9:p2p_turnsi4e11:upload_onlyi3e11:ut_metadatai255e6:ut_pexi0ee13:metadata_sizei9ee")
        #expect(handshake.ids.id(for: .metadata) == 255)
        #expect(handshake.ids.id(for: .lacks) == 7)
        #expect(handshake.ids.speaks(.turns))
        #expect(handshake.ids[.exchange] == 0 && !handshake.ids.speaks(.exchange))
        #expect(handshake.metadataSize == 9)
        for odd in ["i256e", "i-1e", "2:xx", "le"] {
            #expect(try Self.parse("d1:md6:ut_pex\(odd)ee").ids == ExtensionIDs(), "\(odd)")
        }
    }

    @Test func addressesOfBothFamiliesAreReadAndWritten() throws {
        var handshake = ExtensionHandshake()
        handshake.ids = ExtensionIDs(ours: PeerExtension.allCases)
        handshake.ipv4 = IPAddress("10.1.2.3")
        handshake.ipv6 = IPAddress("2001:db8::7")
        handshake.metadataSize = 31_235
        let bytes = handshake.encoded
        #expect(
            String(decoding: bytes, as: UTF8.self).contains(
                "1:md11:lt_donthavei3e9:p2p_turnsi4e11:ut_metadatai1e6:ut_pexi2ee13:metadata_sizei31235e"))
        #expect(try bytes.withBytes { span throws(WireError) in try ExtensionHandshake(parsing: span) } == handshake)
        // An IPv4 address in the clothes of the other family is none.
        let mapped = [UInt8](repeating: 0, count: 10) + [255, 255, 1, 2, 3, 4]
        let odd = Array("d4:ipv616:".utf8) + mapped + Array("e".utf8)
        #expect(try odd.withBytes { span throws(WireError) in try ExtensionHandshake(parsing: span) }.ipv6 == nil)
    }
}

@Suite struct ExtensionIDsTests {
    @Test func aLaterHandshakeChangesWhatItNames() {
        var ids = ExtensionIDs()
        ids[.metadata] = 3
        ids[.exchange] = 1
        var later = ExtensionIDs()
        later[.exchange] = 0
        later[.lacks] = 200
        ids.change(to: later)
        #expect(ids.id(for: .metadata) == 3)
        #expect(!ids.speaks(.exchange) && ids[.exchange] == 0)
        #expect(ids.id(for: .lacks) == 200)
        #expect(ids[.turns] == nil)
        ids[.lacks] = nil
        #expect(ids[.lacks] == nil && ids.id(for: .metadata) == 3)
    }

    /// Each row has a place of its own, and a name and an id that no other has.
    @Test func rowsDoNotShareAnything() {
        let rows = PeerExtension.allCases
        #expect(Set(rows.map(\.name)).count == rows.count)
        #expect(rows.allSatisfy { (1...8).contains($0.rawValue) })
        for row in rows {
            var ids = ExtensionIDs()
            ids[row] = 255
            #expect(rows.filter { ids[$0] != nil } == [row])
            #expect(ExtensionIDs(ours: [row]).id(for: row) == row.rawValue)
        }
    }
}
