import ByteStrings
import PeerRuntime
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        ("*.tmp", "a.tmp", true), ("*.tmp", "d/e/a.tmp", true), ("*.tmp", "a.tmp.x", false), ("*.tmp", "a.tmp/x", true),
        ("?", "a", true), ("?", "é", true), ("?", "ab", false), ("a?c", "abc", true),
        ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("[!a-c]x", "dx", true), ("[]]", "]", true),
        ("[é]", "é", true), ("[a-]", "-", true),
        ("d/*", "d/a", true), ("d/*", "d/e/a", true), ("d/*", "x/d/a", false), ("/a", "a", true), ("/a", "d/a", false),
        ("**/a", "a", true), ("**/a", "x/y/a", true), ("x/**/a", "x/a", true), ("x/**/a", "x/1/2/a", true),
        ("x/**/a", "y/a", false), ("x/**", "x/a/b", true),
        ("*", ".hidden", true), ("a\\*", "a*", true), ("a\\*", "ab", false), ("a*b*c", "a__b__b__c", true),
        ("a*b*c", "a__b__b__", false), ("**", "a", true), ("A", "a", false),
    ])
    func `patterns match as documented`(pattern: String, path: String, expected: Bool) throws {
        let glob = try #require(Glob(ByteString(pattern)))
        #expect(glob.matches(path.split(separator: "/").map { Array($0.utf8) }) == expected)
    }

    @Test(
        arguments: [
            // A byte that is no UTF-8 counts as one character; a part of a character is none.
            (Array("?".utf8), [0xE9], true), (Array("?".utf8), [0xE9, 0xE9], false),
            (Array("a*".utf8), [0x61, 0xE9], true),
            ([0x2A, 0xE9], [0x61, 0xE9], true), ([0x2A, 0xE9], [0x61, 0xE8], false), ([0x5C, 0xE9], [0xE9], true),
            ([0x5B, 0xE9, 0x5D], [0xE9], true), ([0x5B, 0xE9, 0x5D], [0xE8], false),
            ([0x5B, 0xE0, 0x2D, 0xEF, 0x5D], [0xE9], true), (Array("[!a-z]".utf8), [0xE9], true),
            ([0x2A, 0xA9], Array("é".utf8), false), ([0xC3, 0x3F], Array("é".utf8), false),
            (Array("*[!é]".utf8), Array("é".utf8), false), (Array("*??".utf8), Array("é".utf8), false),
            (Array("é".utf8), Array("e\u{301}".utf8), false), (Array("[\u{FFFD}]".utf8), [0xE9], false),
        ] as [([UInt8], [UInt8], Bool)])
    func `names are bytes`(pattern: [UInt8], name: [UInt8], expected: Bool) throws {
        let glob = try #require(Glob(ByteString(pattern)))
        #expect(glob.matches([name]) == expected)
    }

    @Test(arguments: ["", "/", "[a", "a[", "a\\", "x/[!"])
    func `patterns without an end are refused`(pattern: String) {
        #expect(Glob(ByteString(pattern)) == nil)
    }

    @Test func `many stars take no exponential time`() throws {
        let glob = try #require(Glob(ByteString(String(repeating: "*a", count: 30) + "b")))
        #expect(!glob.matches([Array(repeating: UInt8(ascii: "a"), count: 255)]))
    }
}
