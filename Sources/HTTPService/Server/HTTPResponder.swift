package import TorrentCore

/// Answers the requests of a server, on its reactor. What it serves the server does not know.
package protocol HTTPResponder: AnyObject {
    /// Bytes that the body of this request, which `remote` sends, may have; 0 if it may have none. Asked for requests
    /// that bring one.
    func bodyLimit(of head: HTTPRequestHead, in bytes: RawSpan, from remote: IPAddress) -> Int

    /// Appends the answer to `output`, or names the stream that will be the answer. `bytes` are those that the ranges
    /// of the head are of, for the time of the call.
    func respond(to request: HTTPServerRequest, in bytes: RawSpan, output: inout [UInt8]) -> HTTPReply
}

/// A request as a responder gets it.
package struct HTTPServerRequest {
    package let head: HTTPRequestHead
    /// Who asks: the other end of the connection.
    package let remote: IPAddress
    /// How an answer is to be written.
    package let framing: HTTPFraming
    /// The whole body; empty if there is none, or if the responder allowed none.
    package let body: [UInt8]
    /// It brings a body that the responder did not allow: nothing will be read behind it.
    package let isBodyUnread: Bool
}

/// What a responder has done.
package enum HTTPReply {
    /// Appended the whole answer.
    case written
    /// Left it to the connection to take the body from a source: see `stream`.
    case streamed(HTTPStreamedAnswer)

    /// The body comes piece by piece; the connection writes the head.
    package static func stream(_ head: HTTPStreamHead, _ source: any HTTPBodySource) -> HTTPReply {
        .streamed(HTTPStreamedAnswer(head, source))
    }

    /// The source gives all of the answer, its head included, once it is known, and frames it as the request asks.
    package static func later(_ source: any HTTPBodySource) -> HTTPReply {
        .streamed(HTTPStreamedAnswer(nil, source))
    }
}

/// An answer that the connection is to stream. A class, so that the usual reply is but a word.
package final class HTTPStreamedAnswer {
    /// Nil if the source writes it.
    let head: HTTPStreamHead?
    let source: any HTTPBodySource

    /// Bytes that a source is asked for at once.
    package static let pieceBytes = 65_536

    init(_ head: HTTPStreamHead?, _ source: any HTTPBodySource) {
        self.head = head
        self.source = source
    }
}

/// The head of an answer that is streamed.
package struct HTTPStreamHead {
    package var status: HTTPStatus
    /// Header lines, each with its line break.
    package var fields: StaticString
    /// Bytes of the body; nil if nobody knows: then it comes in chunks, or to the end of the connection for HTTP/1.0.
    package var length: Int?

    package init(_ status: HTTPStatus = .ok, _ fields: StaticString, length: Int? = nil) {
        self.status = status
        self.fields = fields
        self.length = length
    }
}
