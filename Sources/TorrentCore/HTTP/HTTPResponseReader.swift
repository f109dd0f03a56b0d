/// Puts an HTTP answer together from what a connection brings, within bounds (RFC 9112). Whoever has use for parts of
/// the body takes them out as they come: `takeBody`.
public struct HTTPResponseReader: Sendable {
    /// Nil until it is complete.
    public private(set) var head: HTTPResponseHead?
    /// What has come of the body and was not taken out, decoded if it came in chunks.
    public private(set) var body: [UInt8] = []
    /// Nothing more is to come.
    public private(set) var isComplete = false
    /// The connection ended before the whole body that the head promises had come.
    public private(set) var isCutShort = false

    private var headBytes: [UInt8] = []
    /// Answers that came before the answer itself.
    private var interims = 0
    private var bodyReader: HTTPBodyReader?
    private let bodyLimit: Int
    private let hasBody: Bool

    /// Most answers that may come before the answer itself: "100 Continue" and its like (RFC 9110, 15.2).
    public static let interimLimit = 16

    /// `bodyLimit` in bytes: a tracker's answer with ten thousand peers has less than one MiB. The answer to `HEAD` has
    /// no body, whatever its head says.
    public init(bodyLimit: Int = 2 << 20, hasBody: Bool = true) {
        self.bodyLimit = bodyLimit
        self.hasBody = hasBody
    }

    /// Bytes of the body that have come, taken out or not.
    public var received: Int { bodyReader?.received ?? 0 }

    /// The body so far is the caller's from now on.
    public mutating func takeBody() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &body)
        return taken
    }

    /// Takes what the connection brought; bytes after the end of the answer are dropped.
    public mutating func receive(_ bytes: RawSpan) throws(HTTPError) {
        guard !isComplete else { return }
        guard head == nil else { return try receiveBody(bytes) }
        headBytes += bytes.array
        var start = 0
        while let found = try nextHead(from: start) {
            start += found.byteCount
            if (100..<200).contains(found.status) {
                interims += 1
                guard interims <= Self.interimLimit else { throw .tooManyInterimAnswers(limit: Self.interimLimit) }
                continue
            }
            let rest = Array(headBytes[start...])
            headBytes = []
            try begin(found)
            return try rest.withBytes { span throws(HTTPError) in try receiveBody(span) }
        }
        headBytes.removeFirst(start)
    }

    /// The head that begins at `start`; nil if it is not whole.
    private func nextHead(from start: Int) throws(HTTPError) -> HTTPResponseHead? {
        try headBytes.withBytes { span throws(HTTPError) in
            try HTTPResponseHead.parse(span.extracting(start..<span.byteCount))
        }
    }

    private mutating func begin(_ found: HTTPResponseHead) throws(HTTPError) {
        head = found
        guard hasBody, !found.isRedirect, found.status != 204, found.status != 304 else {
            isComplete = true
            return
        }
        guard found.coding != .unknown else { throw .unsupportedEncoding }
        let framing: HTTPBodyReader.Framing =
            found.isChunked ? .chunked : found.contentLength.map { .length($0) } ?? .toEnd
        let reader = try HTTPBodyReader(framing, limit: bodyLimit)
        isComplete = reader.isComplete
        bodyReader = reader
    }

    private mutating func receiveBody(_ bytes: RawSpan) throws(HTTPError) {
        guard !isComplete, bodyReader != nil else { return }
        _ = try bodyReader?.receive(bytes, into: &body)
        isComplete = bodyReader?.isComplete == true
    }

    /// The connection has ended. Where the head promises more, what has come is the body all the same, for lengths are
    /// often wrong: whoever reads it sees whether it is whole.
    public mutating func receiveEnd() throws(HTTPError) {
        guard !isComplete else { return }
        guard let head else { throw headBytes.isEmpty ? .noAnswer : .unexpectedEnd }
        isCutShort = head.isChunked || head.contentLength != nil
        guard !isCutShort || received > 0 else { throw .unexpectedEnd }
        isComplete = true
    }
}
