/// Finds two files of a torrent that cannot both exist: the same path twice, or a file where another needs a folder.
enum PathCollisions {
    /// Positions of the first such pair in `paths`, in order of path; nil if there is none.
    static func first(in paths: [TorrentPath]) -> (Int, Int)? {
        // One flat buffer with 0 for `/`, below every byte of a name: what lies in a folder then follows right after
        // the folder's own path, so that neighbours tell all. Sorting, and no table of hashes, keeps hostile input
        // cheap.
        var keys: [UInt8] = []
        keys.reserveCapacity(paths.reduce(0) { $0 + $1.bytes.count })
        var ends: [Int] = [0]
        ends.reserveCapacity(paths.count + 1)
        for path in paths {
            for byte in path.bytes { keys.append(byte == UInt8(ascii: "/") ? 0 : byte) }
            ends.append(keys.count)
        }
        return keys.withBytes { keys in
            var order = Array(paths.indices)
            order.sort { compare(keys, ends[$0]..<ends[$0 + 1], ends[$1]..<ends[$1 + 1]) == .before }
            for (left, right) in zip(order, order.dropFirst()) {
                let (first, second) = (ends[left]..<ends[left + 1], ends[right]..<ends[right + 1])
                switch compare(keys, first, second) {
                case .equal: return (min(left, right), max(left, right))
                case .before where second.count > first.count && keys.uint8(at: second.lowerBound + first.count) == 0:
                    let folder = second.lowerBound..<second.lowerBound + first.count
                    if compare(keys, first, folder) == .equal { return (left, right) }
                default: break
                }
            }
            return nil
        }
    }

    private enum Order { case before, equal, after }

    private static func compare(_ keys: RawSpan, _ left: Range<Int>, _ right: Range<Int>) -> Order {
        let common = min(left.count, right.count)
        var at = 0
        while at + 8 <= common {
            let (a, b) = (keys.uint64(at: left.lowerBound + at), keys.uint64(at: right.lowerBound + at))
            if a != b { return a < b ? .before : .after }
            at += 8
        }
        while at < common {
            let (a, b) = (keys.uint8(at: left.lowerBound + at), keys.uint8(at: right.lowerBound + at))
            if a != b { return a < b ? .before : .after }
            at += 1
        }
        return left.count == right.count ? .equal : left.count < right.count ? .before : .after
    }
}
