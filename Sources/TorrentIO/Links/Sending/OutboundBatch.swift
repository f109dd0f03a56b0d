import Glibc
import TorrentCore

/// Blocks that are being sent, each behind its 13-byte header. Messages may go out between two of them.
struct OutboundBatch {
    let blocks: [BlockRequest]
    let payload: OutboundPayload
    private var headers: [UInt8] = []
    /// Bytes that the kernel has taken, and all.
    private var sent = 0
    private var total = 0
    /// Blocks whose last byte the kernel has taken, and where the next one ends, counted as `sent` is.
    private var blocksSent = 0
    private var nextBlockEnd: Int
    /// Where the payload of the block that leaves next begins.
    private var payloadSent = 0

    init(_ blocks: [BlockRequest], payload: OutboundPayload) {
        self.blocks = blocks
        self.payload = payload
        nextBlockEnd = blocks.first.map(Self.size) ?? 0
        headers.reserveCapacity(blocks.count * PieceHeader.byteCount)
        for block in blocks {
            PieceHeader(block.onWire).append(to: &headers)
            total += Self.size(of: block)
        }
    }

    private static func size(of block: BlockRequest) -> Int { PieceHeader.byteCount + Int(block.length) }

    var isSent: Bool { sent == total }
    var remaining: Int { total - sent }
    /// The block that leaves next, or is on its way out.
    var currentBlock: BlockRequest? { blocksSent < blocks.count ? blocks[blocksSent] : nil }

    /// Bytes that a block lacks that has begun: nothing else may come before them.
    var begun: Int {
        guard let block = currentBlock, nextBlockEnd - sent < Self.size(of: block) else { return 0 }
        return nextBlockEnd - sent
    }

    /// Bytes of the whole blocks that fit into `limit`; at least one block.
    func wholeBlocks(within limit: Int) -> Int {
        var end = nextBlockEnd
        for block in blocks.dropFirst(blocksSent + 1) {
            guard end + Self.size(of: block) - sent <= limit else { break }
            end += Self.size(of: block)
        }
        return end - sent
    }

    /// The kernel has taken `count` more bytes. The answer is the blocks that are complete by that.
    mutating func advance(by count: Int) -> ArraySlice<BlockRequest> {
        let first = blocksSent
        sent += count
        while blocksSent < blocks.count, sent >= nextBlockEnd {
            payloadSent += Int(blocks[blocksSent].length)
            blocksSent += 1
            if blocksSent < blocks.count { nextBlockEnd += Self.size(of: blocks[blocksSent]) }
        }
        return blocks[first..<blocksSent]
    }

    /// Lends `body` what one `sendmsg` is to take, cut to `allowance` bytes: the rest of the block that has begun,
    /// then `messages`, then further blocks; of blocks `limit` bytes at most.
    func withVectors<Result>(
        around messages: UnsafeRawBufferPointer, limit: Int, allowance: Int,
        _ body: (UnsafeBufferPointer<iovec>) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        try headers.withUnsafeBufferPointer { (headers) throws(SystemError) in
            let headers = UnsafeRawBufferPointer(headers)
            var vectors: [iovec] = []
            vectors.reserveCapacity(1 + 2 * (blocks.count - blocksSent))
            var room = allowance
            func add(_ part: UnsafeRawBufferPointer) -> Int {
                let length = min(part.count, room)
                guard length > 0, let base = part.baseAddress else { return 0 }
                vectors.append(iovec(iov_base: UnsafeMutableRawPointer(mutating: base), iov_len: length))
                room -= length
                return length
            }
            var (skip, rest) = (currentBlock.map { begun > 0 ? Self.size(of: $0) - begun : 0 } ?? 0, limit)
            func addOfBlock(_ part: UnsafeRawBufferPointer) {
                let from = min(skip, part.count)
                skip -= from
                rest -= add(UnsafeRawBufferPointer(rebasing: part[from..<min(part.count, from + rest)]))
            }
            if begun == 0 { _ = add(messages) }
            let payload = payload.bytes
            var offset = payloadSent
            for position in blocksSent..<blocks.count where rest > 0 && room > 0 {
                let header = position * PieceHeader.byteCount
                addOfBlock(UnsafeRawBufferPointer(rebasing: headers[header..<header + PieceHeader.byteCount]))
                let end = offset + Int(blocks[position].length)
                addOfBlock(UnsafeRawBufferPointer(rebasing: payload[offset..<end]))
                offset = end
                if position == blocksSent, begun > 0 { _ = add(messages) }
            }
            return try vectors.withUnsafeBufferPointer { (list) throws(SystemError) in try body(list) }
        }
    }
}
