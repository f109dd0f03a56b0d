/// What is wrong with an HTTP/1.x message (RFC 9112).
public enum HTTPError: Error, Hashable, Sendable {
    case headTooLong(limit: Int)
    case bodyTooLong(limit: Int)
    /// Too many "100 Continue" and the like came before the answer itself.
    case tooManyInterimAnswers(limit: Int)
    /// The first line is no request or status line.
    case malformedStartLine
    /// Another protocol answers; these are its first bytes.
    case notHTTP(opening: [UInt8])
    /// A version that is not 1.x.
    case unsupportedVersion
    case malformedHeader
    case malformedContentLength
    case malformedChunk
    /// A transfer or content coding that we do not know.
    case unsupportedEncoding
    /// The connection ended before a byte had come.
    case noAnswer
    /// The connection ended within the message.
    case unexpectedEnd

    /// Most bytes of another protocol that are kept.
    static let openingLimit = 40
}

extension HTTPError: CustomStringConvertible {
    /// Holds untrusted text in the case of `notHTTP`.
    public var description: String {
        switch self {
        case .headTooLong(let limit): "the head of its answer is longer than \(limit >> 10) KiB"
        case .bodyTooLong(let limit): "its answer is longer than \(limit >> 20) MiB"
        case .tooManyInterimAnswers(let limit): "more than \(limit) interim answers come before its answer"
        case .malformedStartLine: "its answer is not HTTP"
        case .notHTTP(let opening): Self.protocolName(opening)
        case .unsupportedVersion: "its answer is not in HTTP/1"
        case .malformedHeader: "its answer has a malformed header line"
        case .malformedContentLength: "its answer has a malformed Content-Length"
        case .malformedChunk: "its answer has a malformed chunk"
        case .unsupportedEncoding: "its answer is coded in a way that was not asked for"
        case .noAnswer: "it closes the connection without an answer"
        case .unexpectedEnd: "its answer ends early"
        }
    }

    /// Which protocol answers, judged by its first bytes; a sentence.
    private static func protocolName(_ opening: [UInt8]) -> String {
        let line = opening.prefix { $0 >= 0x20 && $0 < 0x7F }
        return switch opening {
        // An alert or a handshake of TLS, any version.
        case _ where opening.starts(with: [0x15, 3]) || opening.starts(with: [0x16, 3]):
            "TLS answers there, not HTTP: is it an https tracker?"
        case _ where opening.starts(with: "SSH-".utf8): "an SSH server answers there, not a tracker"
        case _ where opening.starts(with: [19] + Array("BitTorrent".utf8)): "a peer answers there, not a tracker"
        case _ where line.count >= 4: "what answers there is not HTTP: \"\(String(decoding: line, as: UTF8.self))\""
        default: "what answers there is not HTTP"
        }
    }
}
