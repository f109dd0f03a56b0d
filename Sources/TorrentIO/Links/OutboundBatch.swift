import Glibc
import TorrentCore

/// Where the payload of blocks stands, back to back in their order.
package enum OutboundPayload {
    /// Read; the buffer goes back to the `ReadBufferPool` that it is from.
    case buffer(UnsafeMutableRawBufferPointer)
    case mapping(MappedPayload)

    var bytes: UnsafeRawBufferPointer {
        switch self {
        case .buffer(let buffer): UnsafeRawBufferPointer(buffer)
        case .mapping(let mapping): mapping.bytes
        }
    }
}

/// What one `sendmsg` puts on the wire: encoded messages first, then blocks, each with its 13-byte header.
struct OutboundBatch {
    /// Messages, already encoded.
    private(set) var messages: [UInt8]
    private(set) var blocks: [BlockRequest] = []
    private(set) var payload: OutboundPayload?
    private var headers: [UInt8] = []
    /// Bytes that the kernel has taken.
    private var sent = 0
    private var total: Int
    /// Blocks whose last byte the kernel has taken, and where the next one ends, counted as `sent` is.
    private var blocksSent = 0
    private var nextBlockEnd = 0

    init(messages: [UInt8]) {
        self.messages = messages
        total = messages.count
    }

    var isSent: Bool { sent == total }
    var remaining: Int { total - sent }
    /// The block that leaves next, or is on its way out.
    var currentBlock: BlockRequest? { blocksSent < blocks.count ? blocks[blocksSent] : nil }

    /// Gives the batch its blocks; only before anything of it was sent.
    mutating func add(_ blocks: [BlockRequest], payload: OutboundPayload) {
        precondition(self.blocks.isEmpty && sent == 0, "a batch gets its blocks once")
        self.blocks = blocks
        self.payload = payload
        headers.reserveCapacity(blocks.count * PieceHeader.byteCount)
        for block in blocks {
            PieceHeader(block.onWire).append(to: &headers)
            total += PieceHeader.byteCount + Int(block.length)
        }
        nextBlockEnd = messages.count + PieceHeader.byteCount + Int(blocks.first?.length ?? 0)
    }

    /// Writes at most `allowance` bytes; nil if the socket is full. Blocks that have left are told to `onSent`.
    mutating func write(
        to socket: Descriptor, allowance: Int, onSent: (BlockRequest) -> Void
    ) throws(SystemError) -> Int? {
        guard let written = try withVectors(allowance: allowance, socket.send) else { return nil }
        sent += written
        while blocksSent < blocks.count, sent >= nextBlockEnd {
            onSent(blocks[blocksSent])
            blocksSent += 1
            if blocksSent < blocks.count { nextBlockEnd += PieceHeader.byteCount + Int(blocks[blocksSent].length) }
        }
        return written
    }

    /// The unsent rest as vectors, cut to `allowance` bytes.
    private func withVectors<Result>(
        allowance: Int, _ body: (UnsafeBufferPointer<iovec>) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        try messages.withUnsafeBufferPointer { (messages) throws(SystemError) in
            try headers.withUnsafeBufferPointer { (headers) throws(SystemError) in
                var vectors: [iovec] = []
                vectors.reserveCapacity(1 + 2 * blocks.count)
                var skip = sent
                var room = allowance
                func add(_ part: UnsafeRawBufferPointer) {
                    let from = min(skip, part.count)
                    skip -= from
                    let length = min(part.count - from, room)
                    guard length > 0, let base = part.baseAddress else { return }
                    room -= length
                    vectors.append(iovec(iov_base: UnsafeMutableRawPointer(mutating: base + from), iov_len: length))
                }
                add(UnsafeRawBufferPointer(messages))
                let payload = payload?.bytes
                var offset = 0
                for (position, block) in blocks.enumerated() {
                    let header = position * PieceHeader.byteCount
                    let end = header + PieceHeader.byteCount
                    add(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: headers[header..<end])))
                    if let payload {
                        add(UnsafeRawBufferPointer(rebasing: payload[offset..<offset + Int(block.length)]))
                    }
                    offset += Int(block.length)
                }
                return try vectors.withUnsafeBufferPointer { (list) throws(SystemError) in try body(list) }
            }
        }
    }
}
