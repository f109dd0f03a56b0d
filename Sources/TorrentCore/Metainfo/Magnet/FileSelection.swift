/// Which files of a torrent a magnet link means, by their positions in the metainfo from 0 (BEP 53): "0,2,4,6-8".
public struct FileSelection: Hashable, Sendable {
    /// In order; none touches another.
    public let ranges: [ClosedRange<Int>]

    /// Most entries of a list that are read.
    public static let entryLimit = 1_000
    /// No torrent that we open has more files.
    public static let fileLimit = MetainfoLimits().files

    /// Nil if it is no list of numbers and ranges of numbers.
    public init?(_ text: String) {
        let entries = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard entries.count <= Self.entryLimit else { return nil }
        var found: [ClosedRange<Int>] = []
        for entry in entries {
            let ends = entry.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map(Self.number)
            guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last else {
                return nil
            }
            found.append(first...last)
        }
        ranges = Self.joined(found)
    }

    /// Decimal digits alone, within the limit.
    private static func number(_ digits: Substring.UTF8View) -> Int? {
        guard (1...7).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return number < fileLimit ? number : nil
    }

    private static func joined(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var joined: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = joined.last, range.lowerBound <= last.upperBound + 1 {
                joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        return joined
    }
}

extension FileSelection: CustomStringConvertible {
    /// As a link has it, in order, with what touches taken together.
    public var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ",")
    }
}
