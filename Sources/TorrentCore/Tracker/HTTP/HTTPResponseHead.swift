/// The head of an HTTP answer, as far as a tracker's client needs it (RFC 9112).
public struct HTTPResponseHead: Hashable, Sendable {
    public var status: Int
    /// Bytes of the body; nil if the answer does not say.
    public var contentLength: Int?
    /// The body comes in chunks.
    public var isChunked = false
    /// Where a redirect leads; untrusted. Bytes above ASCII, of which nobody knows the encoding, are percent-coded.
    public var location: String?
    /// The body is compressed, or in a transfer coding that we do not know.
    public var isEncoded = false
    /// The connection stays open after the answer.
    public var keepsAlive: Bool
    /// Bytes of the head with the empty line that ends it.
    public var byteCount: Int

    /// Bytes that a head may have.
    public static let lengthLimit = 16_384

    /// Reads a head at the start of `bytes`; nil if its end has not come.
    public static func parse(_ bytes: RawSpan, limit: Int = lengthLimit) throws(HTTPError) -> HTTPResponseHead? {
        // What is not HTTP is told at once rather than at the limit.
        let start = min(bytes.byteCount, 5)
        guard bytes.array(0..<start).elementsEqual("HTTP/".utf8.prefix(start)) else { throw .malformedStartLine }
        let window = bytes.extracting(0..<min(bytes.byteCount, limit))
        guard let length = HeaderReader.length(of: window) else {
            guard bytes.byteCount < limit else { throw .headTooLong(limit: limit) }
            return nil
        }
        var reader = HeaderReader(end: length)
        var head = try statusLine(reader.nextLine(in: bytes), of: bytes)
        head.byteCount = length
        while let field = try reader.nextField(in: bytes) { try head.take(field, of: bytes) }
        return head
    }

    /// "HTTP/1.1 200 OK"; the words after the number may be missing.
    private static func statusLine(_ line: Range<Int>, of bytes: RawSpan) throws(HTTPError) -> HTTPResponseHead {
        guard line.count >= 12, bytes.uint8(at: line.lowerBound + 8) == UInt8(ascii: " "),
            let status = bytes.decimal(line.lowerBound + 9..<line.lowerBound + 12), status >= 100
        else { throw .malformedStartLine }
        let version = line.prefix(8)
        let isNewer = bytes.matches(version, "HTTP/1.1")
        guard isNewer || bytes.matches(version, "HTTP/1.0") else { throw .unsupportedVersion }
        return HTTPResponseHead(status: Int(status), keepsAlive: isNewer, byteCount: 0)
    }

    private mutating func take(_ field: HeaderReader.Field, of bytes: RawSpan) throws(HTTPError) {
        if bytes.matchesLowercased(field.name, "content-length") {
            guard let length = bytes.decimal(field.value), contentLength == nil || contentLength == Int(length) else {
                throw .malformedContentLength
            }
            contentLength = Int(length)
        } else if bytes.matchesLowercased(field.name, "transfer-encoding") {
            if bytes.matchesLowercased(field.value, "chunked") { isChunked = true } else { isEncoded = true }
        } else if bytes.matchesLowercased(field.name, "content-encoding") {
            isEncoded = isEncoded || !bytes.matchesLowercased(field.value, "identity")
        } else if bytes.matchesLowercased(field.name, "location") {
            location = String(decoding: PercentCoding.codingHigh(bytes.array(field.value)), as: UTF8.self)
        } else if bytes.matchesLowercased(field.name, "connection") {
            if bytes.listHas(field.value, "close") { keepsAlive = false }
            if bytes.listHas(field.value, "keep-alive") { keepsAlive = true }
        }
    }

    /// 301, 302, 303, 307 or 308 with a place to go to.
    public var isRedirect: Bool { [301, 302, 303, 307, 308].contains(status) && location != nil }
}
