import Foundation
import SwarmSimulator
import Testing

/// A table of digests proves something only if it is whole.
@Suite struct DigestTableTests {
    private static let names = WorldKind.all.map(\.name)

    /// `seeds` of each kind, all different.
    private static func text(_ names: [String] = names, seeds: Int = 8, first: Int = 1) -> String {
        names.enumerated().map { position, name in
            DigestTable.text(of: name, first: first, (0..<seeds).map { UInt64(position * 1_000 + $0) << 40 })
        }.joined(separator: "\n") + "\n"
    }

    private static func fault(_ text: String, kinds: [WorldKind]? = nil, seeds: Int? = nil) -> String? {
        do {
            _ = try DigestTable(parsing: text).comparisons(of: kinds, seeds: seeds)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func whatIsWrittenIsRead() throws {
        let text = "# for people\n" + Self.text(seeds: 13, first: 5)
        let comparisons = try DigestTable(parsing: text).comparisons()
        #expect(comparisons.map(\.kind.name) == Self.names)
        #expect(comparisons.allSatisfy { $0.first == 5 && $0.known.count == 13 })
        #expect(comparisons[1].known[2] == 1_002 << 40)
        #expect(comparisons[1].differences(from: comparisons[1].known) == [])
        #expect(comparisons[1].differences(from: [0] + comparisons[1].known[1...11] + [0]) == [0, 12])
    }

    @Test func theFrozenTableHasAHundredSeedsOfEachKind() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "FrozenDigests.txt")
        let comparisons = try DigestTable(parsing: String(contentsOf: path, encoding: .utf8)).comparisons()
        #expect(comparisons.allSatisfy { $0.first == 1 && $0.known.count == 100 })
        // The first seeds are those that the frozen worlds are held against.
        let small = comparisons.filter { $0.kind.name != "large" }
        #expect(small.map { TraceDigest(of: Array($0.known[..<3])).value } == FrozenWorldTests.frozen.map(\.digest))
    }

    /// Every beginning of a table is refused, unless nothing but its last line feed is missing.
    @Test func aTableThatIsCutIsRefused() {
        let text = Self.text()
        let bytes = Array(text.utf8)
        for count in stride(from: 0, to: bytes.count - 1, by: 7) {
            #expect(Self.fault(String(decoding: bytes[..<count], as: UTF8.self)) != nil, "\(count) bytes")
        }
        #expect(Self.fault(String(text.dropLast(2))) != nil)
        #expect(Self.fault(String(text.dropLast())) == nil)
        var lines = text.split(separator: "\n")
        lines.remove(at: 4)
        #expect(Self.fault(lines.joined(separator: "\n")) == "line 5: is not the row of seed 1")
    }

    @Test func headingsAndNumbersOfRowsAreChecked() {
        let text = Self.text()
        let heading = text.prefix { $0 != "\n" }
        #expect(
            Self.fault(text.replacing(heading, with: heading.dropLast(16) + "0000000000000000", maxReplacements: 1))
                == "slots: its 8 seeds do not make the digest of the heading")
        #expect(
            Self.fault(text.replacing("\n    7 ", with: "\n   77 ", maxReplacements: 1))
                == "line 3: is not the row of seed 7")
        #expect(Self.fault(text + text)?.contains("slots once more") == true)
        #expect(Self.fault("    1 0123456789abcdef\n") == "line 1: digests without a heading")
        #expect(
            Self.fault("slots, from seed 1: \(DigestTable.hex(TraceDigest().value))\n")
                == "slots: its 0 seeds do not make the digest of the heading")
        #expect(Self.fault("slots, from seed 1: 0123456789abcdef\n    1 123\n") == "line 2: 123 is no digest")
        for first in ["0", "1000000001", "9223372036854775807", "9223372036854775808"] {
            let text = "slots, from seed \(first): 0123456789abcdef\n \(first) 0123456789abcdef\n"
            #expect(Self.fault(text)?.hasPrefix("line 1: neither") == true)
        }
    }

    @Test func withoutNamesEachKindIsThereWithAsManySeeds() throws {
        let others = Array(Self.names.dropLast())
        #expect(Self.fault(Self.text(others)) == "large is not in it")
        #expect(
            Self.fault(Self.text(others) + Self.text(["large"], seeds: 7)) == "large has 7 seeds in it, slots has 8")
        #expect(Self.fault(Self.text(Self.names + ["huge"])) == "huge: there is no such kind of world")
        #expect(Self.fault(Self.text(["slots"])) == "standard is not in it")
    }

    @Test func eachNamedKindIsThere() throws {
        let text = Self.text(["slots"])
        let slots = try #require(WorldKind.beginning(with: ["slots"]))
        let both = try #require(WorldKind.beginning(with: ["slots", "stand"]))
        #expect(slots.map(\.name) == ["slots"] && both.map(\.name) == ["slots", "standard"])
        #expect(Self.fault(text, kinds: slots) == nil)
        #expect(Self.fault(text, kinds: both) == "standard is not in it")
        #expect(Self.fault(text, kinds: slots, seeds: 8) == nil)
        #expect(Self.fault(text, kinds: slots, seeds: 9) == "slots has 8 seeds in it, not 9")
        #expect(WorldKind.beginning(with: ["slots", "slotz"]) == nil)
        #expect(WorldKind.beginning(with: [])?.map(\.name) == Self.names)
    }
}
