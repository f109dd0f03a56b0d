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
        let glob = try #require(Glob(pattern))
        #expect(glob.matches(path.split(separator: "/").map { Array($0.utf8) }) == expected)
    }

    @Test(arguments: ["", "/", "[a", "a[", "a\\", "x/[!"])
    func `patterns without an end are refused`(pattern: String) {
        #expect(Glob(pattern) == nil)
    }

    @Test func `many stars take no exponential time`() throws {
        let glob = try #require(Glob(String(repeating: "*a", count: 30) + "b"))
        #expect(!glob.matches([Array(repeating: UInt8(ascii: "a"), count: 255)]))
    }
}
