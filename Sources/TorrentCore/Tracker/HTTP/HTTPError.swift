/// What is wrong with an HTTP/1.x message (RFC 9112).
public enum HTTPError: Error, Hashable, Sendable {
    case headTooLong(limit: Int)
    case bodyTooLong(limit: Int)
    /// The first line is no request or status line.
    case malformedStartLine
    /// A version that is not 1.0 or 1.1.
    case unsupportedVersion
    case malformedHeader
    case malformedContentLength
    case malformedChunk
    /// A transfer coding that is not `chunked`, or a content coding although none was asked for.
    case unsupportedEncoding
    /// The connection ended within the message.
    case unexpectedEnd
}

extension HTTPError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .headTooLong(let limit): "the head is longer than \(limit) bytes"
        case .bodyTooLong(let limit): "the answer is longer than \(limit) bytes"
        case .malformedStartLine: "this is not HTTP"
        case .unsupportedVersion: "an HTTP version that is not 1.0 or 1.1"
        case .malformedHeader: "a malformed header line"
        case .malformedContentLength: "a malformed Content-Length"
        case .malformedChunk: "a malformed chunk"
        case .unsupportedEncoding: "a coding that was not asked for"
        case .unexpectedEnd: "the connection ended within the answer"
        }
    }
}
