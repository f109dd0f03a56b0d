import ByteStrings
import Testing

@testable import TorrentCore

@Suite struct BencodeNotationTests {
    static func json(_ bencode: [UInt8]) throws -> JSONDocument {
        BencodeNotation.json(try BencodeDocument(bencode).root)
    }

    @Test(
        arguments: [
            ("4:spam", "spam"), ("0:", ""), ("6:caf\u{e9}!", "caf\u{e9}!"), ("3:a\nb", "a\nb"), ("2:\t\r", "\t\r"),
            ("1:\u{0}", "<hex>00</hex>"), ("3:\u{1b}[m", "<hex>1B 5B 6D</hex>"), ("1:\u{7f}", "<hex>7F</hex>"),
            ("2:\u{85}", "<hex>C2 85</hex>"), ("5:<hex>", "<hex>3C 68 65 78 3E</hex>"), ("4:<hex", "<hex"),
            ("6:x<hex>", "x<hex>"), ("3:\u{FEFF}", "\u{FEFF}"),
        ])
    func `text stands as it is, all else in digits`(bencode: String, text: String) throws {
        let bytes = Array(bencode.utf8)
        #expect(try Self.json(bytes) == .string(ByteString(text)))
        #expect(try BencodeNotation.bencode(.string(ByteString(text))) == bytes)
    }

    @Test func `what is no UTF-8 stands in digits`() throws {
        let bytes = Array("4:".utf8) + [0x63, 0x9F, 0x3A, 0xFF]
        #expect(try Self.json(bytes) == .string("<hex>63 9F 3A FF</hex>"))
        // Whatever is between the pairs, and in either case.
        for text in ["<hex>639f3aff</hex>", "<hex> 63  9F 3a FF </hex>"] {
            #expect(try BencodeNotation.bencode(.string(ByteString(text))) == bytes)
        }
        #expect(try BencodeNotation.bencode(.string("<hex></hex>")) == Array("0:".utf8))
    }

    @Test func `a whole torrent, keys in digits too`() throws {
        let bencode = Array("d4:infod6:lengthi3e4:name1:ae1:\u{1}li-1eleee".utf8)
        #expect(throws: BencodeError.self) { try BencodeDocument(Array("d1:\u{1}".utf8)) }
        // `info` after the key of one control character would be out of order.
        let sorted = Array("d1:\u{1}li-1elee4:infod6:lengthi3e4:name1:aee".utf8)
        #expect(
            try Self.json(sorted)
                == .object([
                    .init("<hex>01</hex>", .array([.integer(-1), .array([])])),
                    .init("info", .object([.init("length", .integer(3)), .init("name", .string("a"))])),
                ]))
        #expect(try BencodeNotation.bencode(Self.json(sorted)) == sorted)
        #expect(try !BencodeDocument(bencode).isCanonical)
    }

    @Test(
        arguments: [
            (#"{"info":{"a":[1,{"b":1.5}]}}"#, .noInteger(at: "info.a[1].b")),
            (#"{"info":{"a":9223372036854775808}}"#, .noInteger(at: "info.a")),
            (#"{"info":{"a":1e3}}"#, .noInteger(at: "info.a")),
            (#"{"info":[true]}"#, .noSuchValue("true", at: "info[0]")),
            (#"{"info":null}"#, .noSuchValue("null", at: "info")),
            (#"{"info":{"b":1,"a":2}}"#, .keyOutOfOrder("a", after: "b", at: "info")),
            (#"{"b":1,"a":2}"#, .keyOutOfOrder("a", after: "b", at: "")),
            (#"{"a":1,"<hex>61</hex>":2}"#, .keyTwice("<hex>61</hex>", at: "")),
            (#"{"a":1,"a":2}"#, .notJSON(.duplicateKey("a", at: 7))),
            (#"{"a":"<hex>6</hex>"}"#, .badHex(at: "a")), (#"{"a":"<hex>6 1</hex>"}"#, .badHex(at: "a")),
            (#"{"a":"<hex>61"}"#, .badHex(at: "a")), (#"{"a":"<hex>zz</hex>"}"#, .badHex(at: "a")),
            (#"{"a":"<hex></hex> "}"#, .badHex(at: "a")),
            ("[]", .noTorrent), ("{\"metainfo\":null}", .noMetainfo), ("{", .notJSON(.unexpectedEnd(at: 1))),
        ] as [(String, BencodeNotationError)])
    func `what no torrent can hold is named with its place`(text: String, error: BencodeNotationError) {
        #expect(throws: error) { try BencodeNotation.torrent(Array(text.utf8)) }
        #expect(!error.description.isEmpty)
    }

    @Test func `the object of show is taken for what is in it`() throws {
        let plain = Array("d4:infod1:ai1eee".utf8)
        for text in [#"{"info":{"a":1}}"#, #" {"name":"x","metainfo":{"info":{"a":1}},"z":1.5}"#] {
            #expect(try BencodeNotation.torrent(Array(text.utf8)) == plain)
        }
        // A torrent of its own may have such a key.
        let own = try BencodeNotation.torrent(Array(#"{"info":{"a":1},"metainfo":{"b":1}}"#.utf8))
        #expect(own == Array("d4:infod1:ai1ee8:metainfod1:bi1eee".utf8))
    }

    @Test func `nesting is held to the limit of torrents`() throws {
        let deep = { (count: Int) in
            Array(("{\"a\":" + String(repeating: "[", count: count) + String(repeating: "]", count: count) + "}").utf8)
        }
        #expect(try BencodeNotation.torrent(deep(99)).count == 2 + 3 + 2 * 99)
        #expect(throws: BencodeNotationError.self) { try BencodeNotation.torrent(deep(101)) }
    }

    @Test func `random values survive a round trip`() throws {
        var generator = SplitMix64(seed: 17)
        for _ in 0..<500 {
            let bytes = BencodeValue.random(depth: 4, using: &generator).encoded
            let document = try BencodeDocument(bytes)
            #expect(document.isCanonical)
            #expect(try BencodeNotation.bencode(BencodeNotation.json(document.root)) == bytes)
        }
    }
}
