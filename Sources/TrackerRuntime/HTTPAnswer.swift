import TorrentCore

/// Writes HTTP answers (RFC 9110, RFC 9112).
enum HTTPAnswer {
    enum Status {
        case ok, badRequest, notFound, methodNotAllowed, headTooLong, versionUnknown

        fileprivate var line: StaticString {
            switch self {
            case .ok: "HTTP/1.1 200 OK\r\n"
            case .badRequest: "HTTP/1.1 400 Bad Request\r\n"
            case .notFound: "HTTP/1.1 404 Not Found\r\n"
            case .methodNotAllowed: "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n"
            case .headTooLong: "HTTP/1.1 431 Request Header Fields Too Large\r\n"
            case .versionUnknown: "HTTP/1.1 505 HTTP Version Not Supported\r\n"
            }
        }

        fileprivate var words: StaticString {
            switch self {
            case .ok: "ok\n"
            case .badRequest: "This request cannot be understood.\n"
            case .notFound: "There is nothing here. Try /, /announce, /scrape, /stats.json or /metrics.\n"
            case .methodNotAllowed: "Only GET and HEAD are answered here.\n"
            case .headTooLong: "This request is too long.\n"
            case .versionUnknown: "Only HTTP/1.0 and HTTP/1.1 are spoken here.\n"
            }
        }
    }

    enum ContentType {
        case plain, html, script, json, metrics

        fileprivate var header: StaticString {
            switch self {
            case .plain: "Content-Type: text/plain; charset=utf-8\r\n"
            // Nothing runs on the page and nothing is fetched but our own script, and the page by it, whatever a
            // torrent is called.
            case .html:
                """
                Content-Type: text/html; charset=utf-8\r
                Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r
                X-Content-Type-Options: nosniff\r
                Referrer-Policy: no-referrer\r
                Cache-Control: no-store\r\n
                """
            case .script:
                """
                Content-Type: text/javascript; charset=utf-8\r
                X-Content-Type-Options: nosniff\r
                Cache-Control: no-cache\r\n
                """
            case .json: "Content-Type: application/json\r\nCache-Control: no-store\r\n"
            case .metrics: "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\nCache-Control: no-store\r\n"
            }
        }
    }

    /// How the connection goes on, and what is shown of the body.
    struct Framing {
        var stays: Bool
        /// HTTP/1.0 clients need the header.
        var saysKeepAlive = false
        /// False for `HEAD`.
        var hasBody = true
    }

    static func append(
        _ status: Status, _ type: ContentType, _ body: [UInt8], _ framing: Framing, to output: inout [UInt8]
    ) {
        output.append(ascii: status.line)
        output.append(ascii: type.header)
        output.append(ascii: "Content-Length: ")
        output.append(decimal: body.count)
        if !framing.stays {
            output.append(ascii: "\r\nConnection: close\r\n\r\n")
        } else if framing.saysKeepAlive {
            output.append(ascii: "\r\nConnection: keep-alive\r\n\r\n")
        } else {
            output.append(ascii: "\r\n\r\n")
        }
        if framing.hasBody { output.append(contentsOf: body) }
    }

    /// A status in words for people.
    static func append(_ status: Status, _ framing: Framing, to output: inout [UInt8]) {
        var body: [UInt8] = []
        body.append(ascii: status.words)
        append(status, .plain, body, framing, to: &output)
    }
}
