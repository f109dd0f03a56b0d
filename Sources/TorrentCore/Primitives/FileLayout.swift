/// Where the bytes of the pieces live: files one after the other, as the metainfo lists them (BEP 3).
public struct FileLayout: Sendable, Hashable {
    /// A stretch of one file.
    public struct Segment: Hashable, Sendable, BitwiseCopyable {
        /// Position in the metainfo's list of files.
        public let file: Int
        /// Bytes from the start of that file.
        public let offset: Int64
        /// Bytes, at least one.
        public let length: Int
    }

    /// Bytes of each file, zero allowed.
    public let lengths: [Int64]
    /// Where each file begins in the payload, and at the end where the payload ends.
    public let starts: [Int64]

    /// Nil if a length is negative or the sum is above what 63 bits hold.
    public init?(lengths: [Int64]) {
        var starts: [Int64] = [0]
        starts.reserveCapacity(lengths.count + 1)
        var end: Int64 = 0
        for length in lengths {
            let (sum, overflow) = end.addingReportingOverflow(length)
            guard length >= 0, !overflow else { return nil }
            end = sum
            starts.append(end)
        }
        self.lengths = lengths
        self.starts = starts
    }

    /// Bytes of all files together.
    public var totalLength: Int64 { starts[lengths.count] }

    /// The stretches of files behind `length` bytes of payload from `offset` on, in order, empty files left out.
    public func segments(offset: Int64, length: Int) -> [Segment] {
        precondition(offset >= 0 && length >= 0 && offset + Int64(length) <= totalLength, "beyond the payload")
        var segments: [Segment] = []
        var at = offset
        let end = offset + Int64(length)
        var file = fileHolding(offset)
        while at < end {
            let stop = min(end, starts[file + 1])
            if stop > at {
                segments.append(Segment(file: file, offset: at - starts[file], length: Int(stop - at)))
                at = stop
            }
            file += 1
        }
        return segments
    }

    /// The pieces that hold a byte of `file`, as a range of piece numbers; empty for an empty file.
    public func pieces(of file: Int, pieceLength: Int) -> Range<Int> {
        guard lengths[file] > 0 else { return 0..<0 }
        let first = Int(starts[file] / Int64(pieceLength))
        let last = Int((starts[file + 1] - 1) / Int64(pieceLength))
        return first..<(last + 1)
    }

    /// The last file that begins at or before `offset`: binary search, for torrents of 100,000 files.
    private func fileHolding(_ offset: Int64) -> Int {
        var low = 0
        var high = lengths.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }
}
