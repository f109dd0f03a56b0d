import TorrentCore

/// The status of an answer: its line, with header lines that belong to it, and what it says to people.
package struct HTTPStatus {
    /// With the line break.
    @usableFromInline let line: StaticString
    @usableFromInline let words: StaticString

    @inlinable
    package init(_ line: StaticString, _ words: StaticString) {
        self.line = line
        self.words = words
    }

    /// 200: the answer is what was asked for (RFC 9110, 15).
    /// 400: what came is no HTTP, or its head contradicts itself.
    @inlinable package static var ok: HTTPStatus { HTTPStatus("HTTP/1.1 200 OK\r\n", "ok\n") }
    package static var badRequest: HTTPStatus {
        HTTPStatus("HTTP/1.1 400 Bad Request\r\n", "This request cannot be understood.\n")
    }
    /// 413: the body has more bytes than the responder allows.
    package static var bodyTooLong: HTTPStatus {
        HTTPStatus("HTTP/1.1 413 Content Too Large\r\n", "This request brings too much.\n")
    }
    /// 431: the head breaks a limit of `HTTPServerLimits`.
    package static var headTooLong: HTTPStatus {
        HTTPStatus("HTTP/1.1 431 Request Header Fields Too Large\r\n", "This request is too long.\n")
    }
    /// 503: what other clients are sending fills the room for bodies.
    static var uploadsFull: HTTPStatus {
        HTTPStatus(
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n", "Too much is being sent: try again in a moment.\n"
        )
    }
    /// 505: the head names a version other than 1.0 and 1.1.
    package static var versionUnknown: HTTPStatus {
        HTTPStatus("HTTP/1.1 505 HTTP Version Not Supported\r\n", "Only HTTP/1.0 and HTTP/1.1 are spoken here.\n")
    }

    init(_ error: HTTPError) {
        switch error {
        case .headTooLong: self = .headTooLong
        case .bodyTooLong: self = .bodyTooLong
        case .unsupportedVersion: self = .versionUnknown
        default: self = .badRequest
        }
    }
}

/// How the connection goes on after an answer, and what is shown of its body.
package struct HTTPFraming {
    /// The connection takes another request after this answer.
    package var stays: Bool
    /// HTTP/1.0 clients need the header.
    package var isHTTP10 = false
    /// False for `HEAD`.
    package var hasBody = true

    package init(stays: Bool, isHTTP10: Bool = false, hasBody: Bool = true) {
        self.stays = stays
        self.isHTTP10 = isHTTP10
        self.hasBody = hasBody
    }
}

/// Writes answers (RFC 9110, RFC 9112).
package enum HTTPAnswer {
    /// `fields` are header lines, each with its line break.
    @inlinable
    package static func append(
        _ status: HTTPStatus, _ fields: StaticString, _ body: [UInt8], _ framing: HTTPFraming, to output: inout [UInt8]
    ) {
        output.append(ascii: status.line)
        output.append(ascii: fields)
        output.append(ascii: "Content-Length: ")
        output.append(decimal: body.count)
        appendEnd(framing, to: &output)
        if framing.hasBody { output.append(contentsOf: body) }
    }

    /// A status in words for people.
    package static func append(_ status: HTTPStatus, _ framing: HTTPFraming, to output: inout [UInt8]) {
        var body: [UInt8] = []
        body.append(ascii: status.words)
        append(status, plainText, body, framing, to: &output)
    }

    /// A status that has no body, nor a length (RFC 9110, 8.6).
    package static func appendWithoutBody(_ status: HTTPStatus, _ framing: HTTPFraming, to output: inout [UInt8]) {
        output.append(ascii: status.line)
        output.append(ascii: "Cache-Control: no-store")
        appendEnd(framing, to: &output)
    }

    /// The header line of text for people.
    @inlinable package static var plainText: StaticString { "Content-Type: text/plain; charset=utf-8\r\n" }

    /// The head of an answer whose body follows.
    static func append(_ head: HTTPStreamHead, _ framing: HTTPFraming, to output: inout [UInt8]) {
        output.append(ascii: head.status.line)
        output.append(ascii: head.fields)
        if let length = head.length {
            output.append(ascii: "Content-Length: ")
            output.append(decimal: length)
            appendEnd(framing, to: &output)
        } else if framing.isHTTP10 {
            output.append(ascii: "Connection: close\r\n\r\n")
        } else {
            output.append(ascii: "Transfer-Encoding: chunked")
            appendEnd(framing, to: &output)
        }
    }

    /// The last header lines, behind one whose line break is still missing.
    @usableFromInline
    static func appendEnd(_ framing: HTTPFraming, to output: inout [UInt8]) {
        if !framing.stays {
            output.append(ascii: "\r\nConnection: close\r\n\r\n")
        } else if framing.isHTTP10 {
            output.append(ascii: "\r\nConnection: keep-alive\r\n\r\n")
        } else {
            output.append(ascii: "\r\n\r\n")
        }
    }
}
