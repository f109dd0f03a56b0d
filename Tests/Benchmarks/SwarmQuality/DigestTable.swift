import Glibc
import SwarmSimulator

/// Digests as they are kept in a file: for each kind a line with its name, then those of its seeds, six a line behind
/// the number of the first of them.
struct DigestTable {
    struct Entry {
        let name: String
        let first: Int
        var digests: [UInt64]
    }

    private(set) var entries: [Entry] = []

    /// Nil if the file cannot be read, or is something else. Lines that begin with # are for people.
    init?(path: String) {
        guard let text = Self.text(path: path) else { return nil }
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard line.hasPrefix(" ") else {
                guard let entry = Self.entry(line) else { return nil }
                entries.append(entry)
                continue
            }
            let digests = line.split(separator: " ").dropFirst().map { UInt64($0, radix: 16) }
            guard !entries.isEmpty, !digests.contains(nil) else { return nil }
            entries[entries.count - 1].digests += digests.compactMap(\.self)
        }
        guard !entries.isEmpty, entries.allSatisfy({ !$0.digests.isEmpty }) else { return nil }
    }

    /// "slots, from seed 1: 0123456789abcdef"
    private static func entry(_ line: Substring) -> Entry? {
        guard let match = line.firstMatch(of: #/^(.+), from seed (\d+): [0-9a-f]{16}$/#), let first = Int(match.2)
        else {
            return nil
        }
        return Entry(name: String(match.1), first: first, digests: [])
    }

    static func text(of name: String, first: Int, _ digests: [UInt64]) -> String {
        var lines = ["\(name), from seed \(first): \(hex(TraceDigest(of: digests).value))"]
        for start in stride(from: 0, to: digests.count, by: 6) {
            let number = String(first + start)
            let indent = String(repeating: " ", count: max(1, 5 - number.count))
            let part = digests[start..<min(start + 6, digests.count)]
            lines.append(indent + number + " " + part.map(hex).joined(separator: " "))
        }
        return lines.joined(separator: "\n")
    }

    static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func text(path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0, bytes.count < 64 << 20 else { break }
            bytes += chunk[0..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
