import TorrentCore

/// The requests of one peer that wait to be served, and how many bytes have been handed to the shell. They wait here
/// and not in a buffer of the system, so that a choke can drop them (BEP 3).
struct UploadQueue {
    /// Bytes handed to the shell and not sent yet, where a short block counts as `shortest`.
    private(set) var releasedBytes = 0
    /// The longest block handed over so far, bytes.
    private(set) var longest = 0
    private var waiting: [BlockRequest] = []
    private var head = 0

    /// A block counts as at least this many bytes, since even a short one takes memory until it has left.
    private static let shortest = 1_024

    private static func weight(of block: BlockRequest) -> Int { max(shortest, Int(block.length)) }

    var waitingCount: Int { waiting.count - head }
    var isIdle: Bool { waitingCount == 0 && releasedBytes == 0 }

    func isWaiting(for piece: PieceIndex) -> Bool { waiting[head...].contains { $0.piece == piece } }

    /// The request that waits longest.
    var next: BlockRequest? { head < waiting.count ? waiting[head] : nil }

    mutating func append(_ block: BlockRequest) { waiting.append(block) }

    /// Takes out the next block to hand over; nil if the shell would then have more than `limit` bytes. One block is
    /// always possible.
    mutating func release(upTo limit: Int) -> BlockRequest? {
        guard head < waiting.count else { return nil }
        let block = waiting[head]
        guard releasedBytes == 0 || releasedBytes + Self.weight(of: block) <= limit else { return nil }
        releasedBytes += Self.weight(of: block)
        longest = max(longest, Int(block.length))
        head += 1
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 512 {
            waiting.removeFirst(head)
            head = 0
        }
        return block
    }

    /// The same for the first request for `piece`.
    mutating func release(upTo limit: Int, of piece: PieceIndex) -> BlockRequest? {
        guard let position = waiting[head...].firstIndex(where: { $0.piece == piece }) else { return nil }
        if position != head { waiting.swapAt(position, head) }
        return release(upTo: limit)
    }

    /// A block that was handed over has left.
    mutating func sent(_ block: BlockRequest) { releasedBytes = max(0, releasedBytes - Self.weight(of: block)) }

    /// True if the request was still waiting.
    mutating func cancel(_ block: BlockRequest) -> Bool {
        guard let position = waiting[head...].firstIndex(of: block) else { return false }
        waiting.remove(at: position)
        return true
    }

    /// Takes out the waiting requests that `keep` does not want, and returns them.
    mutating func drop(unless keep: (BlockRequest) -> Bool) -> [BlockRequest] {
        let all = waiting[head...]
        let dropped = all.filter { !keep($0) }
        waiting = all.filter(keep)
        head = 0
        return dropped
    }
}
