import Foundation
import Testing

/// What the pages of the documentation say of the code is so.
@Suite struct DocumentationTests {
    private static let catalogue = "Sources/TorrentCore/TorrentCore.docc/"

    private static func pages() throws -> [String: String] {
        let folder = Repository.root.appending(path: catalogue + "BEPs")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".md") }
        return try names.reduce(into: [:]) { $0[$1] = try Repository.text(catalogue + "BEPs/" + $1) }
    }

    @Test func theTablesOfTheStandardsNameWhatIsThere() throws {
        let texts = Dictionary(grouping: Repository.files) { String($0.path.split(separator: "/").last ?? "") }
            .mapValues { $0.map(\.text) }
        for (name, page) in try Self.pages() {
            for mistake in StandardTables(in: page).mistakes(with: texts) { Issue.record("BEPs/\(name), \(mistake)") }
        }
    }

    @Test func eachStandardThatACommentNamesHasATable() throws {
        var described: Set<Int> = []
        for page in try Self.pages().values { described.formUnion(StandardTables(in: page).rows.keys) }
        #expect(described.count > 15)
        for file in Repository.files where file.isProduct {
            for (position, comment) in file.comments.enumerated() where comment.has("BEP ") {
                for number in Self.standards(in: comment) where !described.contains(number) {
                    Issue.record("\(file.path):\(position + 1): BEP \(number) has no table in the documentation")
                }
            }
        }
    }

    /// "BEP 3, 7 and 23" names three.
    private static func standards(in comment: String) -> [Int] {
        comment.matches(of: #/BEPs? (\d+(?:(?:, | and )\d+)*)/#).flatMap { match in
            match.1.split { !$0.isNumber }.compactMap { Int($0) }
        }
    }

    @Test func aWrongTableIsFound() {
        let page = """
            # BEP 3: One

            | rule | code | test |
            |---|---|---|
            | a | `A.swift`: `one`, `two`; `B.swift`: `three` | `ATests.swift`: `it works` |
            | b | | |
            | c | Not done: why | |

            ## Part

            | d | `A.swift`: `four` | |

            ## BEP 4: Two
            """
        let texts = ["A.swift": ["func one() {}", "func two() {}"], "ATests.swift": ["func `it works`"]]
        #expect(
            StandardTables(in: page).mistakes(with: texts) == [
                "line 5: there is no B.swift", "line 6: nothing is said of \"b\"", "line 11: A.swift has no \"four\"",
                "BEP 4 has no row",
            ])
        #expect(Self.standards(in: "/// As BEP 3, 7 and 23 say, and BEP 41.") == [3, 7, 23, 41])
    }

    @Test func theChangelogSpeaksOfThisVersion() throws {
        let changelog = try Repository.text(Self.catalogue + "Changelog.md")
        let program = try Repository.text("Sources/p2p-peer/Program.swift")
        let version = try #require(program.firstMatch(of: #/version = "([^"]+)"/#)?.output.1)
        let headings = changelog.split(separator: "\n").filter { $0.hasPrefix("## ") }.map { $0.dropFirst(3) }
        #expect(headings.first?.hasPrefix("Unreleased") == true || headings.first?.hasPrefix(version) == true)
        #expect(headings.contains { $0.hasPrefix(version) || $0.hasPrefix("Unreleased") })
        for (heading, next) in zip(headings, headings.dropFirst()) {
            #expect(heading != next, "a heading stands there twice")
        }
    }
}
