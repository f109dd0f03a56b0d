import HTTPService
import TorrentCore

/// Answers of the catalogue, as they are written.
enum CatalogueAnswer {
    static let json: StaticString = """
        Content-Type: application/json\r
        X-Content-Type-Options: nosniff\r
        Cache-Control: no-store\r\n
        """
    static let torrent: StaticString = """
        Content-Type: application/x-bittorrent\r
        X-Content-Type-Options: nosniff\r
        Cache-Control: no-cache\r\n
        """

    static func append(_ refusal: CatalogueRefusal, _ framing: HTTPFraming, to output: inout [UInt8]) {
        var body: [UInt8] = []
        refusal.appendJSON(to: &body)
        HTTPAnswer.append(HTTPStatus(refusal), json, body, framing, to: &output)
    }

    static func append(
        _ status: HTTPStatus, _ entry: CatalogueEntry, _ framing: HTTPFraming, to output: inout [UInt8]
    ) {
        var body: [UInt8] = []
        entry.appendJSON(to: &body)
        HTTPAnswer.append(status, json, body, framing, to: &output)
    }
}

extension HTTPStatus {
    static var created: HTTPStatus { HTTPStatus("HTTP/1.1 201 Created\r\n", "created\n") }
    /// 204: it is done, and there is nothing to say.
    static var noContent: HTTPStatus { HTTPStatus("HTTP/1.1 204 No Content\r\n", "") }
    /// Several torrents have the name.
    static var severalChoices: HTTPStatus { HTTPStatus("HTTP/1.1 300 Multiple Choices\r\n", "") }

    init(_ refusal: CatalogueRefusal) {
        let line: StaticString =
            switch refusal.status {
            case 400: "HTTP/1.1 400 Bad Request\r\n"
            case 401: "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n"
            case 403: "HTTP/1.1 403 Forbidden\r\n"
            case 413: "HTTP/1.1 413 Content Too Large\r\n"
            case 415: "HTTP/1.1 415 Unsupported Media Type\r\n"
            case 503: "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n"
            case 507: "HTTP/1.1 507 Insufficient Storage\r\n"
            default: "HTTP/1.1 404 Not Found\r\n"
            }
        self.init(line, "")
    }
}
