/// Takes a body apart, in whatever parts it arrives, by whichever of the ways its head said (RFC 9112, 6).
public struct HTTPBodyReader: Sendable {
    /// How the end of a body is known.
    public enum Framing: Hashable, Sendable {
        /// After so many bytes (`Content-Length`).
        case length(Int)
        /// By a chunk of length 0, and the trailer behind it (`Transfer-Encoding: chunked`).
        case chunked
        /// By the end of the connection.
        case toEnd
    }

    public let framing: Framing
    /// Most bytes that the body may have.
    public let limit: Int
    /// Bytes of the body so far.
    public private(set) var received = 0
    private var chunks = ChunkedDecoder()

    /// Throws `.bodyTooLong` if the head promises more than `limit` bytes.
    public init(_ framing: Framing, limit: Int) throws(HTTPError) {
        if case .length(let length) = framing, length > limit { throw .bodyTooLong(limit: limit) }
        self.framing = framing
        self.limit = limit
    }

    /// Nothing more is to come.
    public var isComplete: Bool {
        switch framing {
        case .length(let length): received == length
        case .chunked: chunks.isFinished
        case .toEnd: false
        }
    }

    /// Appends what `bytes` holds of the body to `output`. Returns how many bytes were taken, fewer than all only at
    /// the end of the body.
    public mutating func receive(_ bytes: RawSpan, into output: inout [UInt8]) throws(HTTPError) -> Int {
        let start = output.count
        if framing == .chunked {
            let taken = try chunks.decode(bytes, into: &output, room: limit - received, limit: limit)
            received += output.count - start
            return taken
        }
        var count = bytes.byteCount
        if case .length(let length) = framing { count = min(count, length - received) }
        guard received + count <= limit else { throw .bodyTooLong(limit: limit) }
        output += bytes.array(0..<count)
        received += count
        return count
    }
}
