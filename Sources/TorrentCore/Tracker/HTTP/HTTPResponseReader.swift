/// Puts an HTTP answer together from what a connection brings, within bounds (RFC 9112).
public struct HTTPResponseReader: Sendable {
    /// Nil until it is complete.
    public private(set) var head: HTTPResponseHead?
    /// The body so far, decoded if it came in chunks.
    public private(set) var body: [UInt8] = []
    /// Nothing more is to come.
    public private(set) var isComplete = false
    /// The connection ended before the whole body that the head promises had come.
    public private(set) var isCutShort = false

    private var headBytes: [UInt8] = []
    private var chunks = ChunkedDecoder()
    private let bodyLimit: Int

    /// `bodyLimit` in bytes: a tracker's answer with ten thousand peers has less than one MiB.
    public init(bodyLimit: Int = 2 << 20) {
        self.bodyLimit = bodyLimit
    }

    /// Takes what the connection brought; bytes after the end of the answer are dropped.
    public mutating func receive(_ bytes: RawSpan) throws(HTTPError) {
        guard !isComplete else { return }
        guard head == nil else { return try receiveBody(bytes) }
        headBytes += bytes.array
        guard let found = try headBytes.withBytes({ span throws(HTTPError) in try HTTPResponseHead.parse(span) }) else {
            return
        }
        let rest = Array(headBytes[found.byteCount...])
        headBytes = []
        // "100 Continue" and its like come before the answer itself.
        if (100..<200).contains(found.status) {
            return try rest.withBytes { span throws(HTTPError) in try receive(span) }
        }
        try begin(found)
        try rest.withBytes { span throws(HTTPError) in try receiveBody(span) }
    }

    private mutating func begin(_ found: HTTPResponseHead) throws(HTTPError) {
        head = found
        guard !found.isRedirect, found.status != 204, found.status != 304 else {
            isComplete = true
            return
        }
        guard found.coding != .unknown else { throw .unsupportedEncoding }
        guard found.isChunked || found.contentLength ?? 0 <= bodyLimit else { throw .bodyTooLong(limit: bodyLimit) }
        isComplete = !found.isChunked && found.contentLength == 0
    }

    private mutating func receiveBody(_ bytes: RawSpan) throws(HTTPError) {
        guard !isComplete, let head else { return }
        if head.isChunked {
            _ = try chunks.decode(bytes, into: &body, limit: bodyLimit)
            isComplete = chunks.isFinished
            return
        }
        let wanted = head.contentLength.map { $0 - body.count } ?? bytes.byteCount
        let count = min(wanted, bytes.byteCount)
        guard body.count + count <= bodyLimit else { throw .bodyTooLong(limit: bodyLimit) }
        body += bytes.array(0..<count)
        isComplete = head.contentLength == body.count
    }

    /// The connection has ended. Where the head promises more, what has come is the body all the same, for lengths are
    /// often wrong: whoever reads it sees whether it is whole.
    public mutating func receiveEnd() throws(HTTPError) {
        guard !isComplete else { return }
        guard let head else { throw headBytes.isEmpty ? .noAnswer : .unexpectedEnd }
        isCutShort = head.isChunked || head.contentLength != nil
        guard !isCutShort || !body.isEmpty else { throw .unexpectedEnd }
        isComplete = true
    }
}
