import ByteStrings
import Testing

/// Bytes where others have text.
@Suite("byte strings")
struct ByteStringTests {
    @Test(
        "What is no UTF-8 is shown escaped, byte by byte, and everything else as it is",
        arguments: [
            ([], ""), (Array("café e\u{301}".utf8), "café e\u{301}"), ([0x63, 0xE9], #"c\xe9"#),
            ([0xC3, 0xA9, 0xC3], #"é\xc3"#), ([0x80, 0x41], #"\x80A"#), ([0x0A, 0xFF], "\n\\xff"),
            // Overlong, a surrogate, above the last scalar, cut off.
            ([0xC0, 0x80], #"\xc0\x80"#), ([0xE0, 0x80, 0x80], #"\xe0\x80\x80"#),
            ([0xED, 0xA0, 0x80], #"\xed\xa0\x80"#), ([0xF4, 0x90, 0x80, 0x80], #"\xf4\x90\x80\x80"#),
            ([0xF0, 0x9F, 0x98], #"\xf0\x9f\x98"#), ([0xF0, 0x9F, 0x98, 0x80], "😀"),
        ])
    func shown(_ bytes: [UInt8], _ text: String) {
        #expect(Array(ByteString(bytes).description.utf8) == Array(text.utf8))
    }

    @Test("Bytes are read as the standard library reads them, at every edge of UTF-8")
    func elements() {
        let edges: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        var sequences: [[UInt8]] = [[]]
        for _ in 1...3 { sequences = sequences.flatMap { start in edges.map { start + [$0] } } }
        sequences += sequences.flatMap { start in [0x41, 0x80, 0xBF, 0xC2].map { start + [$0] } }
        for bytes in sequences {
            var (at, isUTF8) = (0, true)
            while at < bytes.count {
                let element = UTF8Element(in: bytes, at: at)
                isUTF8 = isUTF8 && element.scalar != nil
                at += element.length
            }
            guard at == bytes.count, isUTF8 == (ByteString(bytes).text != nil) else {
                Issue.record("\(bytes)")
                return
            }
        }
    }

    @Test("Two spellings of one letter differ, in an order of bytes")
    func equality() {
        let (composed, decomposed): (ByteString, ByteString) = ("\u{E9}", "e\u{301}")
        #expect(composed != decomposed && decomposed < composed && !(composed == "e\u{301}"))
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test("A path is split at its slashes, whatever stands behind them")
    func paths() {
        let path: ByteString = "/a//\u{301}b/\u{200D}c/"
        #expect(path.isAbsolute)
        #expect(path.components == ["a", "\u{301}b", "\u{200D}c"])
        #expect(path.lastComponent == "\u{200D}c")
        #expect(ByteString("/").lastComponent.isEmpty)
        #expect(path.appending("x") == "/a//\u{301}b/\u{200D}c/x")
        #expect(ByteString("a").appending("\u{301}x") == "a/\u{301}x")
    }

    @Test(
        "The folder of a path",
        arguments: [
            ("x", "."), ("/x", "/"), ("a/x", "a"), ("a//x", "a"), ("a/x/", "a"), ("/", "/"), ("//x", "/"), ("", "."),
            ("a/\u{301}x", "a"),
        ] as [(ByteString, ByteString)])
    func parent(_ path: ByteString, _ folder: ByteString) {
        #expect(path.parent == folder)
    }

    @Test("Interpolation puts bytes in as they are, and the system gets them with a zero behind")
    func characters() {
        let stray = ByteString([0xE9])
        let path: ByteString = "caf\(stray).\(7)"
        #expect(path.bytes == Array("caf".utf8) + [0xE9] + Array(".7".utf8))
        #expect(ByteString("caf\(stray)").bytes == Array("caf".utf8) + [0xE9])
        #expect(path.withCharacters { ByteString(characters: $0) } == path)
    }
}
