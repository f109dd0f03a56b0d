/// Gives other names to files of a torrent that cannot all exist: the same path twice, or a file where another needs a
/// folder. Who comes first in the torrent keeps its name, and a folder keeps it before any file; the others get the
/// first free number before their ending, `a.1.txt`. The same torrent gives the same names everywhere.
///
/// Sorted once, and no table of all paths: hostile input costs no more than any other.
struct DistinctPaths {
    /// One file and the path that it gets.
    struct Renaming: Hashable {
        /// Position in the paths that were given.
        let position: Int
        let path: TorrentPath
    }

    // One flat buffer with 0 for `/`, below every byte of a name: what lies in a folder then follows right after the
    // folder's own path, so that neighbours tell all.
    private let keys: [UInt8]
    private let ends: [Int]
    /// Positions of the paths in the order of their keys.
    private let order: [Int]

    /// In order of position; empty if all can exist.
    static func renamings(of paths: [TorrentPath]) -> [Renaming] {
        let sorted = DistinctPaths(paths)
        let crowded = sorted.crowded()
        return crowded.isEmpty ? [] : sorted.renamings(crowded, of: paths)
    }

    private init(_ paths: [TorrentPath]) {
        var keys: [UInt8] = []
        keys.reserveCapacity(paths.reduce(0) { $0 + $1.bytes.count })
        var ends: [Int] = [0]
        ends.reserveCapacity(paths.count + 1)
        for path in paths {
            for byte in path.bytes { keys.append(byte == UInt8(ascii: "/") ? 0 : byte) }
            ends.append(keys.count)
        }
        var order = Array(paths.indices)
        keys.withBytes { keys in
            order.sort { compare(keys, ends[$0]..<ends[$0 + 1], keys, ends[$1]..<ends[$1 + 1]) == .before }
        }
        (self.keys, self.ends, self.order) = (keys, ends, order)
    }

    private func range(_ position: Int) -> Range<Int> { ends[position]..<ends[position + 1] }

    /// Positions of the paths that have to give way, ascending.
    private func crowded() -> [Int] {
        keys.withBytes { keys in
            var crowded: [Int] = []
            var begin = 0
            while begin < order.count {
                let path = range(order[begin])
                var end = begin + 1
                while end < order.count, compare(keys, path, keys, range(order[end])) == .equal { end += 1 }
                let isFolder = end < order.count && isFolder(keys, path, of: keys, range(order[end]))
                if isFolder || end - begin > 1 {
                    let keeper = isFolder ? nil : order[begin..<end].min()
                    crowded += order[begin..<end].filter { $0 != keeper }
                }
                begin = end
            }
            return crowded.sorted()
        }
    }

    private func renamings(_ crowded: [Int], of paths: [TorrentPath]) -> [Renaming] {
        var given: Set<[UInt8]> = []
        // The last number tried for each family of numbered names, so that no number is tried twice.
        var last: [NumberedName: Int] = [:]
        return crowded.map { position in
            let family = NumberedName(paths[position])
            while true {
                let number = last[family, default: 0] + 1
                last[family] = number
                let candidate = family.path(number)
                if !isTaken(candidate), given.insert(candidate).inserted {
                    return Renaming(position: position, path: TorrentPath(checked: candidate))
                }
            }
        }
    }

    /// Whether a file or a folder of the torrent has this path.
    private func isTaken(_ path: [UInt8]) -> Bool {
        let candidate = path.map { $0 == UInt8(ascii: "/") ? 0 : $0 }
        return keys.withBytes { keys in
            candidate.withBytes { candidate in
                let whole = 0..<candidate.byteCount
                var (low, high) = (0, order.count)
                while low < high {
                    let middle = (low + high) / 2
                    if compare(keys, range(order[middle]), candidate, whole) == .before {
                        low = middle + 1
                    } else {
                        high = middle
                    }
                }
                guard low < order.count else { return false }
                let next = range(order[low])
                return compare(keys, next, candidate, whole) == .equal || isFolder(candidate, whole, of: keys, next)
            }
        }
    }
}

/// What all numbered names of a path have in common.
private struct NumberedName: Hashable {
    /// The path up to the number, and what follows it. Cut so that any number finds room: names that differ only in
    /// what was cut are of one family, and no name is of more than two.
    let stem: [UInt8]
    let ending: [UInt8]

    /// A dot and a number of seven digits, more than there are files and names.
    private static let numberRoom = 8

    init(_ path: TorrentPath) {
        let slash = path.bytes.lastIndex(of: UInt8(ascii: "/"))
        let name = path.bytes[(slash.map { $0 + 1 } ?? 0)...]
        let ending = TorrentPath.ending(of: name)
        let room = TorrentPath.componentLimit - Self.numberRoom - ending.count
        stem = Array(path.bytes[..<name.startIndex]) + TorrentPath.cut(name.dropLast(ending.count), to: room)
        self.ending = Array(ending)
    }

    func path(_ number: Int) -> [UInt8] { stem + Array(".\(number)".utf8) + ending }
}

private enum Order { case before, equal, after }

private func isFolder(_ folders: RawSpan, _ folder: Range<Int>, of files: RawSpan, _ file: Range<Int>) -> Bool {
    guard file.count > folder.count, files.uint8(at: file.lowerBound + folder.count) == 0 else { return false }
    return compare(folders, folder, files, file.lowerBound..<file.lowerBound + folder.count) == .equal
}

private func compare(_ lefts: RawSpan, _ left: Range<Int>, _ rights: RawSpan, _ right: Range<Int>) -> Order {
    let common = min(left.count, right.count)
    var at = 0
    while at + 8 <= common {
        let (a, b) = (lefts.uint64(at: left.lowerBound + at), rights.uint64(at: right.lowerBound + at))
        if a != b { return a < b ? .before : .after }
        at += 8
    }
    while at < common {
        let (a, b) = (lefts.uint8(at: left.lowerBound + at), rights.uint8(at: right.lowerBound + at))
        if a != b { return a < b ? .before : .after }
        at += 1
    }
    return left.count == right.count ? .equal : left.count < right.count ? .before : .after
}
