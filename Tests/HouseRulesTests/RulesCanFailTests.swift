import Testing

/// Feeds each rule what it is there to find, and what looks like it and is right.
@Suite struct RulesCanFailTests {
    /// A snippet, where it would stand, and which of its lines break the rule.
    struct Sample: Sendable, CustomTestStringConvertible {
        let rule: HouseRule
        let path: String
        let text: String
        let lines: [Int]

        init(_ rule: HouseRule, _ path: String, _ text: String, breaks lines: [Int] = []) {
            self.rule = rule
            self.path = path
            self.text = text
            self.lines = lines
        }

        var testDescription: String { "\(rule.name): \(text.prefix(60))" }
    }

    static let engine = "Sources/SwarmEngine/Sample.swift"

    private static let shims = "Sources/CPosixShims/sample.c"

    /// So many stored properties.
    private static func properties(_ count: Int, indent: Int = 4) -> String {
        let blank = String(repeating: " ", count: indent)
        return (0..<count).map { blank + ($0 % 2 == 0 ? "let a\($0) = 1\n" : "fileprivate(set) var a\($0): Int\n") }
            .joined()
    }

    static let samples =
        comments + [
            Sample(.imports, engine, "import TorrentCore\npackage import TorrentIO\n", breaks: [2]),
            Sample(.imports, engine, "import Foundation", breaks: [1]),
            Sample(
                .imports, "Sources/CommandLineKit/A.swift", "@preconcurrency import struct TorrentCore.X", breaks: [1]),
            Sample(.imports, "Sources/Unknown/A.swift", "let a = 1", breaks: [1]),
            Sample(.imports, engine, "// import Foundation\nlet text = \"import Foundation\""),
            Sample(.noClock, engine, "let now = Date()\nlet b = ContinuousClock.now", breaks: [1, 2]),
            Sample(.noClock, engine, "// Date() is not for us\nlet update = candidate(3)"),
            Sample(.noClock, "Sources/TorrentIO/Clock.swift", "clock_gettime(CLOCK_MONOTONIC, &time)"),
            Sample(.noUnseededChance, engine, "let a = Int.random(in: 0..<3)", breaks: [1]),
            Sample(
                .noUnseededChance, engine, "var g = SystemRandomNumberGenerator()\nlet h = key.hashValue",
                breaks: [1, 2]),
            Sample(.noUnseededChance, engine, "let a = Int.random(in: 0..<3, using: &generator)"),
            Sample(.noUnorderedIteration, engine, "for id in table.keys {", breaks: [1]),
            Sample(.noUnorderedIteration, engine, "var peers: [PeerID: Int] = [:]\nfor peer in peers {", breaks: [2]),
            Sample(.noUnorderedIteration, engine, "var ids: Set<Int> = []\nlet a = ids.map { $0 }", breaks: [2]),
            Sample(.noUnorderedIteration, engine, "var ids: Set<Int> = []\nfor id in ids.sorted() {"),
            Sample(.noUnorderedIteration, engine, "var ids: [Int] = []\nfor id in ids {"),
            Sample(.noUnorderedIteration, engine, "// In any order: they are summed.\nfor n in table.values {"),
            Sample(.fileLength, engine, String(repeating: "\n", count: 401), breaks: [401]),
            Sample(.fileLength, engine, String(repeating: "\n", count: 400)),
            Sample(.lineLength, engine, String(repeating: "a", count: 121), breaks: [1]),
            Sample(.lineLength, engine, String(repeating: "é", count: 120)),
            Sample(.functionLength, engine, function(lines: 61), breaks: [2]),
            Sample(.functionLength, engine, function(lines: 60)),
            Sample(.functionLength, engine, property(lines: 61), breaks: [2]),
            Sample(.partsStayInTheirRooms, engine, "peer.download.strays += 1\ndownload.left(peer)", breaks: [1]),
            Sample(.partsStayInTheirRooms, engine, "peers.map(\\.uplink)\nlet a: PeerMembership", breaks: [1, 2]),
            Sample(
                .partsStayInTheirRooms, "Sources/SwarmEngine/Uplink/Turns/A.swift",
                "peer.uplink.turns.current = nil\nif peer.membership.isGone {}\nself.download.left()", breaks: [2]),
            Sample(
                .roomsAreStrangers, "Sources/SwarmEngine/Uplink/A.swift", "let book: PeerBook\nlet a: Giving",
                breaks: [1]),
            Sample(.roomsAreStrangers, "Sources/SwarmEngine/Download/A.swift", "let a: PiecePicker\n// PeerBook"),
            Sample(.roomsAreStrangers, engine, "let book: PeerBook"),
            Sample(.smallStates, engine, "/// A.\npackage struct A {\n" + properties(15) + "}\n", breaks: [2]),
            Sample(
                .smallStates, engine,
                "final class A {\n" + properties(14) + "    var b: Int { 3 }\n    static let c = 4\n    init() {}\n}\n"
                    + "struct B {\n" + properties(2) + "}\n"),
            Sample(
                .smallStates, "Sources/TorrentIO/A.swift",
                "@frozen public struct A {\n" + properties(13)
                    + "    nonisolated(unsafe) var b = 1\n    lazy var c = 2\n}\n",
                breaks: [1]),
            Sample(
                .smallStates, engine,
                "struct A {\n    enum B { case c }\n    struct D {\n" + properties(15, indent: 8) + "    }\n"
                    + properties(14) + "    func e() {\n        let f = 1\n    }\n}\n",
                breaks: [3]),
            Sample(.noLeftovers, engine, "let a = 1  // TODO: more", breaks: [1]),
            Sample(.noLeftovers, engine, "let a = \"TODO\""),
            Sample(.noForce, engine, "let a = try! f()\nfatalError(\"never\")", breaks: [1, 2]),
            Sample(
                .noTextPaths, engine, "let path: String\nvar outFolder: String?\nlet files: [String]",
                breaks: [1, 2, 3]),
            Sample(.noTextPaths, engine, "let all = CommandLine.arguments", breaks: [1]),
            Sample(.noTextPaths, engine, "return String(cString: resolved)", breaks: [1]),
            Sample(.noTextPaths, engine, "strerror(code).map { String(cString: $0) }"),
            Sample(.noTextPaths, engine, "let path: ByteString\nlet profile: Stringly\n// path: String"),
            Sample(.quietC, shims, "const char *a = getenv(\"A\");\nfprintf(stderr, b);\nexit(1);", breaks: [1, 2, 3]),
            Sample(.quietC, shims, "// getenv(\"A\")\nsscanf(a, b);\nsnprintf(a, 3, b);\nat_exit(c);"),
            Sample(.quietC, "Tests/Benchmarks/Limits/a.c", "printf(a);"),
            Sample(.commentedC, shims, "#include <a.h>\n// Says what.\n", breaks: [1]),
            Sample(.commentedC, "Sources/CPosixShims/include/A.h", "// Says what.\n#pragma once\n"),
            Sample(.lineLength, shims, String(repeating: "a", count: 121), breaks: [1]),
            Sample(.fileLength, shims, String(repeating: "\n", count: 401), breaks: [401]),
            Sample(
                .environmentAtTheEdge, engine, "let a = getenv(name)\nvar b = environ\nsignal(SIGPIPE, SIG_IGN)",
                breaks: [1, 2, 3]),
            Sample(.environmentAtTheEdge, engine, "let environment = 1\n// getenv"),
            Sample(.environmentAtTheEdge, "Sources/TorrentIO/System/ProcessEnvironment.swift", "getenv(name)"),
            Sample(
                .oneVersion, engine, "let a = \"0.2.0\"\nlet b = \"p2p-peer/0.2\"\nlet c = \"-PS0200-\"",
                breaks: [1, 2, 3]),
            Sample(.oneVersion, engine, "let a = \"127.0.0.1\" // RFC 9110, 10.2.3\nlet b = \"version=0.0.4;\""),
            Sample(.noForce, engine, "// fatalError() is not ours\nlet a = \"try!\""),
        ]

    private static func function(lines: Int) -> String {
        let body = String(repeating: "    if a { b() }\n", count: lines - 2)
        return "protocol P { func q(a: Int) }\nfunc long(_ a: () -> Int = { 3 }) {\n\(body)}\nvar short: Int { 1 }\n"
    }

    private static func property(lines: Int) -> String {
        "struct A {\n    var long: Int {\n\(String(repeating: "        a()\n", count: lines - 2))    }\n}\n"
    }

    @Test(arguments: samples)
    func finds(_ sample: Sample) {
        let file = SourceFile(path: sample.path, text: sample.text)
        #expect(sample.rule.check(file).map(\.line) == sample.lines)
    }

    @Test func everyRuleHasASampleThatBreaksIt() {
        for rule in HouseRule.all {
            #expect(Self.samples.contains { $0.rule.name == rule.name && !$0.lines.isEmpty }, "\(rule.name)")
        }
    }

    @Test func scannerTellsCodeFromTheRest() {
        let (code, comments) = SourceScanner.scan(##"let a = "x\("y" + f(1))z" /* b /* c */ d */ + #"r\"s"# // e"##)
        #expect(code.filter { $0 != " " } == ##"leta="""+f(1)"+#""#"## || code.contains("f(1)"))
        #expect(!code.contains("x") && !code.contains("z") && !code.contains("r") && !code.contains("b"))
        #expect(comments.contains("/* b /* c */ d */") && comments.contains("// e"))
    }
}
