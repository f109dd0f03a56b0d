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
            for (position, comment) in file.comments.enumerated() {
                for number in StandardTables.numbers(in: comment) where !described.contains(number) {
                    Issue.record("\(file.path):\(position + 1): BEP \(number) has no table in the documentation")
                }
            }
        }
    }

    /// Who reads the code has to see that a rule of a BEP stands behind it.
    @Test func codeThatCarriesOutARuleNamesItsStandard() throws {
        for (page, text) in try Self.pages() {
            for (number, files) in StandardTables(in: text).files {
                for file in Repository.files where files.contains(String(file.path.split(separator: "/").last ?? "")) {
                    let isNamed = file.comments.contains { StandardTables.numbers(in: $0).contains(number) }
                    #expect(isNamed, "\(page): no comment in \(file.path) names BEP \(number)")
                }
            }
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
        #expect(StandardTables.numbers(in: "/// As BEP 3, 7 and 23 say, and BEP 41.") == [3, 7, 23, 41])
    }

    @Test func theChangelogSpeaksOfThisVersion() throws {
        let changelog = try Repository.text(Self.catalogue + "Changelog.md")
        let source = try Repository.text("Sources/TorrentCore/Primitives/SuiteVersion.swift")
        let found = try #require(source.firstMatch(of: #/major: (\d+), minor: (\d+), patch: (\d+)/#)?.output)
        let version = "\(found.1).\(found.2).\(found.3)"
        let headings = changelog.split(separator: "\n").filter { $0.hasPrefix("## ") }.map { $0.dropFirst(3) }
            .filter { $0 != "Overview" }
        let newest = try #require(headings.first)
        #expect(newest.hasPrefix(version) || newest.hasPrefix("Unreleased"), "nothing is said of \(version)")
        #expect(Set(headings).count == headings.count, "a heading stands there twice")
    }

    /// Editors read one file, the formatter the other.
    @Test func editorsAndFormatterAgree() throws {
        let formatter = try Repository.text(".swift-format")
        let editors = try Repository.text(".editorconfig")
        let length = try #require(formatter.firstMatch(of: #/"lineLength": (\d+)/#)?.output.1)
        let indent = try #require(formatter.firstMatch(of: #/"spaces": (\d+)/#)?.output.1)
        #expect(editors.contains("max_line_length = \(length)\n"))
        #expect(editors.contains("indent_size = \(indent)\n"))
        #expect(HouseRule.longestLine == Int(length))
    }
}
