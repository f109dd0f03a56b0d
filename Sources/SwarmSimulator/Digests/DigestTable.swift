/// Digests as they are kept in a file. For each kind of world there is a heading with its name, the first seed and one
/// digest over all of its seeds; then rows with the digests of the seeds, six a row behind the number of the first.
package struct DigestTable: Equatable, Sendable {
    /// The worlds of one kind.
    package struct Entry: Equatable, Sendable {
        /// The name of a `WorldKind`.
        package let kind: String
        /// The seed of the first digest; the others follow it without a gap.
        package let first: Int
        /// As the heading says it, over those of all seeds.
        let total: UInt64
        /// A digest a seed.
        package fileprivate(set) var digests: [UInt64] = []
    }

    /// Why a table is none, or is not enough to compare with.
    package struct Fault: Error, Hashable, CustomStringConvertible {
        package let description: String

        init(_ description: String) { self.description = description }
        init(line: Int, _ what: String) { description = "line \(line): \(what)" }
    }

    /// Seeds go from 1 up to this.
    package static let lastSeed = 1_000_000_000
    private static let rowLength = 6

    /// In the order of the file.
    package private(set) var entries: [Entry] = []

    /// Lines that begin with # are for people.
    package init(parsing text: String) throws(Fault) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix(" ") {
                try addRow(line, number: index + 1)
            } else {
                try addHeading(line, number: index + 1)
            }
        }
        guard !entries.isEmpty else { throw Fault("holds no digests") }
        for entry in entries where entry.digests.isEmpty || TraceDigest(of: entry.digests).value != entry.total {
            throw Fault("\(entry.kind): its \(entry.digests.count) seeds do not make the digest of the heading")
        }
    }

    /// "slots, from seed 1: 0123456789abcdef"
    private mutating func addHeading(_ line: Substring, number: Int) throws(Fault) {
        guard let match = line.firstMatch(of: #/^(.+), from seed (\d+): ([0-9a-f]{16})$/#),
            let first = Int(match.2), (1...Self.lastSeed).contains(first), let total = UInt64(match.3, radix: 16)
        else {
            throw Fault(line: number, "neither a heading nor a row of digests")
        }
        let kind = String(match.1)
        guard !entries.contains(where: { $0.kind == kind }) else { throw Fault(line: number, "\(kind) once more") }
        entries.append(Entry(kind: kind, first: first, total: total))
    }

    /// "    7 0123456789abcdef fedcba9876543210"
    private mutating func addRow(_ line: Substring, number: Int) throws(Fault) {
        guard var entry = entries.popLast() else { throw Fault(line: number, "digests without a heading") }
        let words = line.split(separator: " ")
        let next = entry.first + entry.digests.count
        guard words.first == "\(next)" else { throw Fault(line: number, "is not the row of seed \(next)") }
        for word in words.dropFirst() {
            guard word.utf8.count == 16, let digest = UInt64(word, radix: 16) else {
                throw Fault(line: number, "\(word) is no digest")
            }
            entry.digests.append(digest)
        }
        entries.append(entry)
    }

    // MARK: Writing

    /// An entry as it stands in a table: its heading, then its rows.
    package static func text(of kind: String, first: Int, _ digests: [UInt64]) -> String {
        var lines = ["\(kind), from seed \(first): \(hex(TraceDigest(of: digests).value))"]
        for start in stride(from: 0, to: digests.count, by: rowLength) {
            let number = String(first + start)
            let indent = String(repeating: " ", count: max(1, 5 - number.count))
            let row = digests[start..<min(start + rowLength, digests.count)]
            lines.append(indent + number + " " + row.map(hex).joined(separator: " "))
        }
        return lines.joined(separator: "\n")
    }

    /// Sixteen digits.
    package static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
