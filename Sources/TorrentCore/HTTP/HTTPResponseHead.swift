/// The head of an HTTP answer, as far as a tracker's client needs it (RFC 9112).
public struct HTTPResponseHead: Hashable, Sendable {
    /// Three digits, 100 or more (RFC 9110, 15).
    public var status: Int
    /// Bytes of the body; nil if the answer does not say.
    public var contentLength: Int?
    /// The body comes in chunks.
    public var isChunked = false
    /// Where a redirect leads; untrusted. Bytes above ASCII, whose encoding is unknown, are percent-coded.
    public var location: String?
    /// How the body is coded.
    public var coding = ContentCoding.identity
    /// When a server that has no time now wants to be asked again, in seconds (RFC 9110, 10.2.3).
    public var retryAfter: Int?
    /// The connection stays open after the answer.
    public var keepsAlive: Bool
    /// Bytes of the head with the empty line that ends it.
    public var byteCount: Int

    /// How a body is encoded (RFC 9110, 8.4).
    public enum ContentCoding: Hashable, Comparable, Sendable {
        /// Not at all: the bytes of the body are the content.
        case identity
        /// gzip or zlib, which their first bytes tell apart.
        case compressed
        /// In a way that we cannot undo, such as `br`.
        case unknown
    }

    /// Bytes that a head may have.
    public static let lengthLimit = 16_384

    /// Reads a head at the start of `bytes`; nil if its end has not come. Lines that are no header are stepped over.
    public static func parse(_ bytes: RawSpan, limit: Int = lengthLimit) throws(HTTPError) -> HTTPResponseHead? {
        // What is not HTTP is told at once rather than at the limit.
        let start = min(bytes.byteCount, 5)
        guard bytes.array(0..<start).elementsEqual("HTTP/".utf8.prefix(start)) else {
            throw .notHTTP(opening: bytes.array(0..<min(bytes.byteCount, HTTPError.openingLimit)))
        }
        let window = bytes.extracting(0..<min(bytes.byteCount, limit))
        guard let length = HeaderReader.length(of: window) else {
            guard bytes.byteCount < limit else { throw .headTooLong(limit: limit) }
            return nil
        }
        var reader = HeaderReader(end: length)
        var head = try statusLine(reader.nextLine(in: bytes), of: bytes)
        head.byteCount = length
        while let field = reader.nextReadableField(in: bytes) { try head.take(field, of: bytes) }
        return head
    }

    /// "HTTP/1.1 200 OK"; the words after the number may be missing.
    private static func statusLine(_ line: Range<Int>, of bytes: RawSpan) throws(HTTPError) -> HTTPResponseHead {
        guard line.count >= 12, bytes.uint8(at: line.lowerBound + 8) == UInt8(ascii: " "),
            let status = bytes.decimal(line.lowerBound + 9..<line.lowerBound + 12), status >= 100
        else { throw .malformedStartLine }
        guard bytes.matches(line.prefix(7), "HTTP/1.") else { throw .unsupportedVersion }
        let isNewer = bytes.uint8(at: line.lowerBound + 7) != UInt8(ascii: "0")
        return HTTPResponseHead(status: Int(status), keepsAlive: isNewer, byteCount: 0)
    }

    private mutating func take(_ field: HeaderReader.Field, of bytes: RawSpan) throws(HTTPError) {
        if bytes.matchesLowercased(field.name, "content-length") {
            // An invalid length is ignored; if two differ, the end of the answer is unknown.
            guard let length = bytes.decimal(field.value) else { return }
            guard contentLength == nil || contentLength == Int(length) else { throw .malformedContentLength }
            contentLength = Int(length)
        } else if bytes.matchesLowercased(field.name, "transfer-encoding") {
            if bytes.matchesLowercased(field.value, "chunked") {
                isChunked = true
            } else if !bytes.matchesLowercased(field.value, "identity") {
                coding = .unknown
            }
        } else if bytes.matchesLowercased(field.name, "content-encoding") {
            coding = max(coding, Self.coding(field.value, of: bytes))
        } else if bytes.matchesLowercased(field.name, "retry-after") {
            retryAfter = bytes.decimal(field.value).map { Int($0) }
        } else if bytes.matchesLowercased(field.name, "location") {
            location = String(decoding: PercentCoding.codingHigh(bytes.array(field.value)), as: UTF8.self)
        } else if bytes.matchesLowercased(field.name, "connection") {
            if bytes.listHas(field.value, "close") { keepsAlive = false }
            if bytes.listHas(field.value, "keep-alive") { keepsAlive = true }
        }
    }

    private static func coding(_ value: Range<Int>, of bytes: RawSpan) -> ContentCoding {
        if value.isEmpty || bytes.matchesLowercased(value, "identity") { return .identity }
        let isKnown =
            bytes.matchesLowercased(value, "gzip") || bytes.matchesLowercased(value, "x-gzip")
            || bytes.matchesLowercased(value, "deflate")
        return isKnown ? .compressed : .unknown
    }

    /// 301, 302, 303, 307 or 308 with a place to go to.
    public var isRedirect: Bool { [301, 302, 303, 307, 308].contains(status) && location != nil }
}
