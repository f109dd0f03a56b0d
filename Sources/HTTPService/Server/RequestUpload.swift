import TorrentCore

/// A request whose head has come and whose body is coming.
final class RequestUpload {
    let head: HTTPRequestHead
    /// The bytes that the ranges of the head are of.
    let headBytes: [UInt8]
    /// When the body must be there whole.
    let deadline: Moment
    private(set) var body: [UInt8] = []
    private let room: UploadRoom
    private var reader: HTTPBodyReader

    /// Throws `.bodyTooLong` if the head promises more than `limit` bytes.
    init(_ head: HTTPRequestHead, of bytes: RawSpan, limit: Int, room: UploadRoom, deadline: Moment) throws(HTTPError) {
        self.room = room
        self.head = head
        self.deadline = deadline
        headBytes = bytes.array(0..<head.byteCount)
        reader = try HTTPBodyReader(head.isChunked ? .chunked : .length(head.contentLength), limit: limit)
    }

    var isComplete: Bool { reader.isComplete }

    /// How many bytes were taken.
    func receive(_ bytes: RawSpan) throws(HTTPError) -> Int {
        let before = body.count
        let used = try reader.receive(bytes, into: &body)
        room.bytes += body.count - before
        return used
    }

    /// False if it has come to a point where all bodies together are longer than they may be.
    var hasRoom: Bool { room.bytes <= room.limit }

    deinit { room.bytes -= body.count }
}

/// Bytes of all bodies that are coming to a server. Lives on its reactor.
final class UploadRoom {
    let limit: Int
    fileprivate(set) var bytes = 0

    init(limit: Int) { self.limit = limit }
}
