import TorrentCore

/// A request whose head has come and whose body is coming.
final class RequestUpload {
    let head: HTTPRequestHead
    /// The bytes that the ranges of the head are of.
    let headBytes: [UInt8]
    /// When the body must be there whole.
    let deadline: Moment
    private(set) var body: [UInt8] = []
    private var reader: HTTPBodyReader

    /// Throws `.bodyTooLong` if the head promises more than `limit` bytes.
    init(_ head: HTTPRequestHead, of bytes: RawSpan, limit: Int, deadline: Moment) throws(HTTPError) {
        self.head = head
        self.deadline = deadline
        headBytes = bytes.array(0..<head.byteCount)
        reader = try HTTPBodyReader(head.isChunked ? .chunked : .length(head.contentLength), limit: limit)
    }

    var isComplete: Bool { reader.isComplete }

    /// How many bytes were taken.
    func receive(_ bytes: RawSpan) throws(HTTPError) -> Int { try reader.receive(bytes, into: &body) }
}
