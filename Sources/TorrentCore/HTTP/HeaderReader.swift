/// Walks the lines of an HTTP head in place (RFC 9112, 2.2 and 5); a line may end with a bare line feed.
struct HeaderReader {
    private(set) var position = 0
    private let end: Int

    struct Field {
        let name: Range<Int>
        let value: Range<Int>
    }

    init(end: Int) {
        self.end = end
    }

    /// How many bytes the head has with the empty line that ends it; nil if that has not come.
    static func length(of bytes: RawSpan) -> Int? {
        var lineStart = 0
        while let position = bytes.firstIndex(of: UInt8(ascii: "\n"), in: lineStart..<bytes.byteCount) {
            let isEmpty =
                position == lineStart
                || (position == lineStart + 1 && bytes.uint8(at: lineStart) == UInt8(ascii: "\r"))
            if isEmpty, lineStart > 0 { return position + 1 }
            lineStart = position + 1
        }
        return nil
    }

    /// The next line without its end; empty at the end of the head.
    mutating func nextLine(in bytes: RawSpan) -> Range<Int> {
        let start = position
        let feed = bytes.firstIndex(of: UInt8(ascii: "\n"), in: start..<end) ?? end
        position = min(feed + 1, end)
        let hasReturn = feed > start && bytes.uint8(at: feed - 1) == UInt8(ascii: "\r")
        return start..<(hasReturn ? feed - 1 : feed)
    }

    /// The next field; nil at the end of the head. Folded lines are refused, as RFC 9112, 5.2 has it.
    mutating func nextField(in bytes: RawSpan) throws(HTTPError) -> Field? {
        let line = nextLine(in: bytes)
        guard !line.isEmpty else { return nil }
        guard !bytes.uint8(at: line.lowerBound).isBlank,
            let colon = bytes.firstIndex(of: UInt8(ascii: ":"), in: line), colon > line.lowerBound,
            !bytes.uint8(at: colon - 1).isBlank
        else { throw .malformedHeader }
        return Field(name: line.lowerBound..<colon, value: bytes.trimmed(colon + 1..<line.upperBound))
    }

    /// The next line that is a field, whatever stands between; nil at the end of the head.
    mutating func nextReadableField(in bytes: RawSpan) -> Field? {
        while position < end {
            if let field = try? nextField(in: bytes) { return field }
        }
        return nil
    }
}
