/// Walks the `key=value` pairs of a URL's query in place; values are still percent-coded.
struct QueryReader {
    private var position: Int
    private let end: Int

    init(_ query: Range<Int>) {
        position = query.lowerBound
        end = query.upperBound
    }

    struct Pair {
        let key: Range<Int>
        let value: Range<Int>
    }

    /// The next pair; empty ones are stepped over, and a key without `=` has an empty value.
    mutating func next(in bytes: RawSpan) -> Pair? {
        while position < end {
            let start = position
            let stop = bytes.firstIndex(of: UInt8(ascii: "&"), in: start..<end) ?? end
            position = stop + 1
            guard stop > start else { continue }
            let equals = bytes.firstIndex(of: UInt8(ascii: "="), in: start..<stop) ?? stop
            return Pair(key: start..<equals, value: min(equals + 1, stop)..<stop)
        }
        return nil
    }
}
