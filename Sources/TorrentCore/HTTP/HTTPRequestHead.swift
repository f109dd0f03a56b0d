/// The head of an HTTP request as ranges of the bytes it was read from: a server makes no `String` of it (RFC 9112).
public struct HTTPRequestHead: Hashable, Sendable {
    /// What is to be done with the path.
    public enum Method: Hashable, Sendable {
        /// Those that a responder may know what to do with (RFC 9110, 9.3).
        case get, head, post, delete
        /// Anything else.
        case other
    }

    public var method: Method
    /// Still percent-coded.
    public var path: Range<Int>
    /// What follows the `?`; empty if there is none.
    public var query: Range<Int>
    /// The connection stays open after the answer.
    public var keepsAlive: Bool
    /// The request is of HTTP/1.0, whose connections close unless both sides say otherwise.
    public var isHTTP10: Bool
    /// There is an `X-Forwarded-For` line, or several: see `forwardedFor(in:)`.
    public var isForwarded: Bool
    /// Bytes of a body after the head; 0 if there is none, or if it comes in chunks.
    public var contentLength: Int
    /// A body of unknown length comes in chunks.
    public var isChunked = false
    /// The client waits with its body until it is told to go on (RFC 9110, 10.1.1).
    public var expectsContinue = false
    /// Bytes of the head with the empty line that ends it.
    public var byteCount: Int
    private var saysLength = false

    /// A body comes after the head.
    public var hasBody: Bool { contentLength > 0 || isChunked }

    /// Reads a head at the start of `bytes`; nil if it is incomplete. Throws `.headTooLong` if it is incomplete after
    /// more than `limit` bytes.
    public static func parse(_ bytes: RawSpan, limit: Int) throws(HTTPError) -> HTTPRequestHead? {
        let window = bytes.extracting(0..<min(bytes.byteCount, limit))
        guard let length = HeaderReader.length(of: window) else {
            guard bytes.byteCount < limit else { throw .headTooLong(limit: limit) }
            return nil
        }
        var reader = HeaderReader(end: length)
        var head = try startLine(reader.nextLine(in: bytes), of: bytes)
        head.byteCount = length
        while let field = try reader.nextField(in: bytes) { try head.take(field, of: bytes) }
        // With both, even if the length is 0, whoever stands between us and the client might see another end of the
        // body than we do; HTTP/1.0 knows no chunks (RFC 9112, 6.1).
        guard !head.isChunked || (!head.saysLength && !head.isHTTP10) else { throw .unsupportedEncoding }
        return head
    }

    /// "GET /path?query HTTP/1.1".
    private static func startLine(_ line: Range<Int>, of bytes: RawSpan) throws(HTTPError) -> HTTPRequestHead {
        let space = UInt8(ascii: " ")
        guard let first = bytes.firstIndex(of: space, in: line), first > line.lowerBound,
            let second = bytes.firstIndex(of: space, in: first + 1..<line.upperBound), second > first + 1
        else { throw .malformedStartLine }
        let version = second + 1..<line.upperBound
        let isNewer = bytes.matches(version, "HTTP/1.1")
        guard isNewer || bytes.matches(version, "HTTP/1.0") else {
            throw version.count >= 5 && bytes.matches(version.prefix(5), "HTTP/")
                ? .unsupportedVersion : .malformedStartLine
        }
        let name = line.lowerBound..<first
        let target = try path(first + 1..<second, of: bytes)
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"), in: target)
        return HTTPRequestHead(
            method: method(name, of: bytes), path: target.lowerBound..<(mark ?? target.upperBound),
            query: (mark.map { $0 + 1 } ?? target.upperBound)..<target.upperBound, keepsAlive: isNewer,
            isHTTP10: !isNewer, isForwarded: false, contentLength: 0, byteCount: 0)
    }

    private static func method(_ name: Range<Int>, of bytes: RawSpan) -> Method {
        if bytes.matches(name, "GET") { return .get }
        if bytes.matches(name, "HEAD") { return .head }
        if bytes.matches(name, "POST") { return .post }
        return bytes.matches(name, "DELETE") ? .delete : .other
    }

    /// The target without scheme and host, which proxies write (RFC 9112, 3.2.2); the path may be empty then.
    private static func path(_ target: Range<Int>, of bytes: RawSpan) throws(HTTPError) -> Range<Int> {
        let slash = UInt8(ascii: "/")
        if bytes.uint8(at: target.lowerBound) == slash { return target }
        let isHTTP = target.count > 7 && bytes.matchesLowercased(target.prefix(7), "http://")
        let isHTTPS = target.count > 8 && bytes.matchesLowercased(target.prefix(8), "https://")
        guard isHTTP || isHTTPS else { throw .malformedStartLine }
        let host = target.dropFirst(isHTTP ? 7 : 8)
        let end = bytes.firstIndex(of: UInt8(ascii: "?"), in: host) ?? host.upperBound
        return (bytes.firstIndex(of: slash, in: host.lowerBound..<end) ?? end)..<target.upperBound
    }

    private mutating func take(_ field: HeaderReader.Field, of bytes: RawSpan) throws(HTTPError) {
        switch field.name.count {
        case 10 where bytes.matchesLowercased(field.name, "connection"):
            if bytes.listHas(field.value, "close") {
                keepsAlive = false
            } else if bytes.listHas(field.value, "keep-alive") {
                keepsAlive = true
            }
        case 14 where bytes.matchesLowercased(field.name, "content-length"):
            // Two that differ are a way to smuggle a request past whoever stands between (RFC 9112, 6.3).
            guard let length = bytes.decimal(field.value), !saysLength || Int(clamping: length) == contentLength else {
                throw .malformedContentLength
            }
            saysLength = true
            contentLength = Int(clamping: length)
        case 6 where bytes.matchesLowercased(field.name, "expect"):
            expectsContinue = !isHTTP10 && bytes.matchesLowercased(field.value, "100-continue")
        case 15 where bytes.matchesLowercased(field.name, "x-forwarded-for"):
            isForwarded = true
        case 17 where bytes.matchesLowercased(field.name, "transfer-encoding"):
            guard bytes.matchesLowercased(field.value, "chunked"), !isChunked else { throw .unsupportedEncoding }
            isChunked = true
        default: break
        }
    }

    /// The members of the `X-Forwarded-For` list, first to last: several lines are one list (RFC 9110, 5.3).
    public func forwardedFor(in bytes: RawSpan) -> [[UInt8]] {
        var (list, reader) = ([[UInt8]](), HeaderReader(end: byteCount))
        _ = reader.nextLine(in: bytes)
        while isForwarded, let field = try? reader.nextField(in: bytes) {
            guard bytes.matchesLowercased(field.name, "x-forwarded-for") else { continue }
            for part in bytes.array(field.value).split(separator: UInt8(ascii: ",")) {
                let member = part.drop(while: \.isBlank)
                let end = member.lastIndex { !$0.isBlank }.map { $0 + 1 } ?? member.startIndex
                if end > member.startIndex { list.append(Array(member[..<end])) }
            }
        }
        return list
    }

    /// The value of the first header line with this lowercase name, without blanks around it; nil if there is none.
    public func field(_ name: StaticString, in bytes: RawSpan) -> [UInt8]? {
        var reader = HeaderReader(end: byteCount)
        _ = reader.nextLine(in: bytes)
        while let field = try? reader.nextField(in: bytes) {
            if bytes.matchesLowercased(field.name, name) { return bytes.array(field.value) }
        }
        return nil
    }

    /// The path with its percent codes resolved; as it stands if one is malformed.
    public func decodedPath(in bytes: RawSpan) -> [UInt8] { PercentCoding.decoded(bytes.array(path)) }

    /// Whether the query has a pair with this key.
    public func queryNames(_ key: StaticString, of bytes: RawSpan) -> Bool {
        var reader = QueryReader(query)
        while let pair = reader.next(in: bytes) { if bytes.matches(pair.key, key) { return true } }
        return false
    }
}
