import ByteStrings
import PeerRuntime
import Testing
import TorrentCore

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

/// The matcher against one that is too simple to be wrong.
@Suite struct GlobModelTests {
    /// One part of a pattern, as bytes and as what it means.
    private enum Token: CaseIterable {
        case a, accented, stray, any, one, letters, notLetters, set, quoted

        var bytes: [UInt8] {
            switch self {
            case .a: Array("a".utf8)
            case .accented: Array("é".utf8)
            case .stray: [0xE9]
            case .any: Array("*".utf8)
            case .one: Array("?".utf8)
            case .letters: Array("[a-z]".utf8)
            case .notLetters: Array("[!a-z]".utf8)
            case .set: Array("[é".utf8) + [0xE9] + Array("]".utf8)
            case .quoted: [0x5C, 0xFF]
            }
        }

        func takes(_ element: [UInt8]) -> Bool {
            switch self {
            case .a: element == Array("a".utf8)
            case .accented: element == Array("é".utf8)
            case .stray: element == [0xE9]
            case .any, .one: true
            case .letters: element == Array("a".utf8)
            case .notLetters: element != Array("a".utf8)
            case .set: element == Array("é".utf8) || element == [0xE9]
            case .quoted: element == [0xFF]
            }
        }
    }

    private static let elements: [[UInt8]] = [Array("a".utf8), Array("é".utf8), [0xE9], [0xFF]]

    private func matches(_ name: ArraySlice<[UInt8]>, _ pattern: ArraySlice<Token>) -> Bool {
        guard let token = pattern.first else { return name.isEmpty }
        if token == .any {
            return matches(name, pattern.dropFirst()) || !name.isEmpty && matches(name.dropFirst(), pattern)
        }
        guard let element = name.first else { return false }
        return token.takes(element) && matches(name.dropFirst(), pattern.dropFirst())
    }

    @Test func `both say the same of every short name and drawn patterns`() throws {
        var generator = SplitMix64(seed: 11)
        var names: [[[UInt8]]] = [[]]
        for length in 1...3 {
            names += names.filter { $0.count == length - 1 }.flatMap { name in Self.elements.map { name + [$0] } }
        }
        for _ in 0..<300 {
            let pattern = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                Token.allCases.randomElement(using: &generator) ?? .any
            }
            let glob = try #require(Glob(ByteString(pattern.flatMap(\.bytes))))
            // A name of nothing is none. The stray bytes make no character with what may follow them.
            for name in names where !name.isEmpty {
                let bytes = Array(name.joined())
                guard glob.matches([bytes]) == matches(name[...], pattern[...]) else {
                    Issue.record("\(pattern) and \(ByteString(bytes))")
                    return
                }
            }
        }
    }
}
