import Foundation

/// The tables of `TorrentCore.docc/BEPs`: a row a rule, with the code that carries it out and the tests that prove it.
struct StandardTables {
    /// A row of a table.
    struct Row {
        let line: Int
        let rule: String
        let code: String
        let test: String
    }

    /// Numbers of the BEPs that have a heading, each with the rows below it.
    private(set) var rows: [Int: [Row]] = [:]

    /// A heading is `# BEP 3: …` or `## BEP 23: …`; headings without a number belong to the one above.
    init(in page: String) {
        var number: Int?
        for (position, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("#") {
                guard let match = line.firstMatch(of: #/^#+ BEP (\d+):/#) else { continue }
                number = Int(match.1)
                number.map { rows[$0, default: []] += [] }
            } else if line.hasPrefix("| "), !line.hasPrefix("| rule |"), let number {
                let cells = line.dropFirst(2).split(separator: " |", omittingEmptySubsequences: false)
                guard cells.count >= 3 else { continue }
                let texts = cells.map { $0.trimmingCharacters(in: .whitespaces) }
                rows[number]?.append(Row(line: position + 1, rule: texts[0], code: texts[1], test: texts[2]))
            }
        }
    }

    /// What a cell names: a file in backticks that ends in `.swift`, then names or words that stand in it.
    static func names(in cell: String) -> [(file: String, names: [String])] {
        var found: [(file: String, names: [String])] = []
        for match in cell.matches(of: #/`([^`]+)`/#) {
            let name = String(match.1)
            if name.hasSuffix(".swift") {
                found.append((name, []))
            } else if !found.isEmpty {
                found[found.count - 1].names.append(name)
            }
        }
        return found
    }

    /// The files that carry out a rule of each BEP; not those of rules that are not carried out.
    var files: [Int: Set<String>] {
        rows.mapValues { rows in
            Set(rows.filter { !$0.code.hasPrefix("Not") }.flatMap { Self.names(in: $0.code) }.map(\.file))
        }
    }

    /// Numbers of BEPs in a line: "BEP 3, 7 and 23" names three.
    static func numbers(in comment: String) -> [Int] {
        guard comment.has("BEP ") || comment.has("BEPs ") else { return [] }
        return comment.matches(of: #/BEPs? (\d+(?:(?:, | and )\d+)*)/#).flatMap { match in
            match.1.split { !$0.isNumber }.compactMap { Int($0) }
        }
    }

    /// What is wrong with a page, a sentence each; `texts` has the contents of all files by their last names.
    func mistakes(with texts: [String: [String]]) -> [String] {
        var mistakes: [String] = []
        for (number, rows) in rows.sorted(by: { $0.key < $1.key }) {
            if rows.isEmpty { mistakes.append("BEP \(number) has no row") }
            for row in rows {
                if row.code.isEmpty { mistakes.append("line \(row.line): nothing is said of \"\(row.rule)\"") }
                for (file, names) in Self.names(in: row.code) + Self.names(in: row.test) {
                    guard let contents = texts[file] else {
                        mistakes.append("line \(row.line): there is no \(file)")
                        continue
                    }
                    for name in names where !contents.contains(where: { $0.contains(name) }) {
                        mistakes.append("line \(row.line): \(file) has no \"\(name)\"")
                    }
                }
            }
        }
        return mistakes
    }
}
