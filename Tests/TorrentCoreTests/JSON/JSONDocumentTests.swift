import ByteStrings
import Testing
import TorrentCore

@Suite struct JSONDocumentTests {
    static func read(_ text: String, _ limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONDocument {
        try JSONDocument(parsing: Array(text.utf8), limits: limits)
    }

    @Test(
        arguments: [
            ("null", .null), ("true", .bool(true)), (" \t\r\nfalse ", .bool(false)),
            ("0", .integer(0)), ("-0", .integer(0)), ("-12", .integer(-12)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("1.5", .number(1.5)), ("1e3", .number(1_000)), ("-2.5E-1", .number(-0.25)), ("1E+2", .number(100)),
            ("0.0", .number(0)), ("1e-400", .number(0)),
            ("[]", .array([])), ("[ 1 ,[true] ]", .array([.integer(1), .array([.bool(true)])])),
            ("{}", .object([])),
            (
                "{ \"b\" : 1 , \"a\":{\"b\":null}}",
                .object([.init("b", .integer(1)), .init("a", .object([.init("b", .null)]))])
            ),
            ("\"\"", .string("")), ("\"a\\/b\\\\c\\\"\"", .string("a/b\\c\"")),
            ("\"\\b\\f\\n\\r\\t\"", .string("\u{8}\u{C}\n\r\t")),
            ("\"\\u0041\\u00e9\\u4E16\"", .string("Aé世")), ("\"\\u0000\"", .string("\u{0}")),
            ("\"\\ud83d\\uDE80x\"", .string("\u{1F680}x")), ("\"é世\u{1F680}\u{7F}\"", .string("é世\u{1F680}\u{7F}")),
        ] as [(String, JSONDocument)])
    func `what RFC 8259 allows is read`(text: String, value: JSONDocument) throws {
        #expect(try Self.read(text) == value)
    }

    @Test(
        arguments: [
            ("", .unexpectedEnd(at: 0)), ("  ", .unexpectedEnd(at: 2)), ("nul", .unexpectedEnd(at: 3)),
            ("nulx", .unexpectedByte(0x78, at: 3)), ("NaN", .unexpectedByte(0x4E, at: 0)),
            ("Infinity", .unexpectedByte(0x49, at: 0)), ("'a'", .unexpectedByte(0x27, at: 0)),
            ("<html>", .unexpectedByte(0x3C, at: 0)), ("d4:infod", .unexpectedByte(0x64, at: 0)),
            ("\u{FEFF}1", .unexpectedByte(0xEF, at: 0)), ("1 2", .trailingBytes(at: 2)), ("{}]", .trailingBytes(at: 2)),
            ("01", .badNumber(at: 0)), ("-01", .badNumber(at: 0)), ("-x", .badNumber(at: 0)),
            ("1.x", .badNumber(at: 0)), ("1.", .unexpectedEnd(at: 2)), ("-", .unexpectedEnd(at: 1)),
            ("1ex", .badNumber(at: 0)), ("1e+", .unexpectedEnd(at: 3)), ("+1", .unexpectedByte(0x2B, at: 0)),
            (".5", .unexpectedByte(0x2E, at: 0)), ("0x10", .trailingBytes(at: 1)), ("1e400", .numberOutOfRange(at: 0)),
            ("[1", .unexpectedEnd(at: 2)), ("[1,]", .unexpectedByte(0x5D, at: 3)),
            ("[,1]", .unexpectedByte(0x2C, at: 1)),
            ("[1 2]", .unexpectedByte(0x32, at: 3)), ("[1}", .unexpectedByte(0x7D, at: 2)),
            ("{\"a\"}", .unexpectedByte(0x7D, at: 4)), ("{\"a\":}", .unexpectedByte(0x7D, at: 5)),
            ("{\"a\":1,}", .unexpectedByte(0x7D, at: 7)), ("{a:1}", .unexpectedByte(0x61, at: 1)),
            ("{1:1}", .unexpectedByte(0x31, at: 1)), ("{\"a\":1", .unexpectedEnd(at: 6)),
            ("{\"a\":1,\"\\u0061\":2}", .duplicateKey("a", at: 7)),
            ("\"a", .unexpectedEnd(at: 2)), ("\"a\\", .unexpectedEnd(at: 3)), ("\"\\x41\"", .badEscape(at: 1)),
            ("\"\\u12g4\"", .badEscape(at: 1)), ("\"\\u12", .unexpectedEnd(at: 5)),
            ("\"a\\ud83d\"", .loneSurrogate(at: 2)), ("\"\\ud83dx\"", .loneSurrogate(at: 1)),
            ("\"\\ud83d\\u0041\"", .loneSurrogate(at: 1)), ("\"\\ude80\"", .loneSurrogate(at: 1)),
            ("\"a\nb\"", .control(0x0A, at: 2)), ("\"\u{0}\"", .control(0, at: 1)),
            ("/* */1", .unexpectedByte(0x2F, at: 0)),
        ] as [(String, JSONError)])
    func `what it does not allow is named, with its place`(text: String, error: JSONError) {
        #expect(throws: error) { try Self.read(text) }
    }

    @Test(
        arguments: [[0x61, 0xE9], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF0, 0x9F], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]]
    )
    func `a string that is not UTF-8 is refused`(bytes: [UInt8]) {
        let place = bytes[0] == 0x61 ? 2 : 1
        #expect(throws: JSONError.notUTF8(at: place)) {
            try JSONDocument(parsing: [0x22] + bytes + [0x22])
        }
    }

    @Test func `depth, values and bytes have limits, and the limit itself is allowed`() throws {
        let limits = JSONLimits(byteCount: 12, depth: 3, values: 4)
        #expect(try Self.read("[[[]]]", limits) == .array([.array([.array([])])]))
        #expect(throws: JSONError.tooDeep(limit: 3, at: 3)) { try Self.read("[[[[]]]]", limits) }
        // What lies side by side does not add up.
        #expect(try Self.read("[[[]],[]]", limits).array?.count == 2)
        #expect(throws: JSONError.tooManyValues(limit: 4, at: 7)) { try Self.read("[1,2,3,4]", limits) }
        #expect(try Self.read("\"0123456789\"", limits).text == "0123456789")
        #expect(throws: JSONError.inputTooLong(bytes: 13, limit: 12)) { try Self.read("\"0123456789a\"", limits) }
    }

    @Test func `an endless depth ends at the limit`() {
        #expect(throws: JSONError.tooDeep(limit: 64, at: 64)) {
            try Self.read(String(repeating: "[", count: 1_000_000))
        }
    }

    @Test func `members are found by their keys, and kinds are told apart`() throws {
        let document = try Self.read("{\"name\":\"x\",\"n\":3,\"half\":0.5,\"is\":true,\"list\":[1],\"none\":null}")
        #expect(document["name"]?.text == "x" && document["name"]?.string == ByteString("x"))
        #expect(document["n"]?.integer == 3 && document["n"]?.number == 3 && document["n"]?.string == nil)
        #expect(document["half"]?.number == 0.5 && document["half"]?.integer == nil)
        #expect(document["is"]?.bool == true && document["list"]?.array == [.integer(1)])
        #expect(document["none"] == .null && document["nothing"] == nil && document["n"]?["x"] == nil)
    }
}
