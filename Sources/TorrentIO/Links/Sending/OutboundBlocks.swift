import TorrentCore

/// The blocks that a link is to send, from the moment they are asked for until they have left.
struct OutboundBlocks {
    /// Where the buffers of payload that was read come from and go back to.
    let buffers: ReadBufferPool
    /// To be read, in the order asked for.
    private(set) var servable = Queue<BlockRequest>()
    /// The owner has been asked for payload and has not answered yet.
    private var isAwaited = false
    /// Whose payload the owner has read, not yet in a batch.
    private var read: (blocks: [BlockRequest], payload: OutboundPayload)?
    private(set) var batch: OutboundBatch?
    /// Those that the kernel has taken, before the owner is told: on a slow line, when they have left the machine.
    private var leaving: [BlockRequest] = []

    init(buffers: ReadBufferPool) {
        self.buffers = buffers
    }

    var areLeaving: Bool { !leaving.isEmpty }

    mutating func serve(_ block: BlockRequest) {
        servable.append(block)
    }

    /// Takes blocks from the front of `servable`: as many as fit into so many bytes.
    mutating func takeServable(bytes: Int, count: Int) -> [BlockRequest] {
        var blocks: [BlockRequest] = []
        var room = bytes
        while let next = servable.first, blocks.count < count, Int(next.length) <= room {
            room -= Int(next.length)
            blocks.append(next)
            servable.removeFirst()
        }
        return blocks
    }

    /// True if the owner is to be asked for payload now, which is noted.
    mutating func ask() -> Bool {
        guard !servable.isEmpty, read == nil, !isAwaited else { return false }
        isAwaited = true
        return true
    }

    /// The owner has answered.
    mutating func provide(_ blocks: [BlockRequest], _ payload: OutboundPayload) {
        precondition(read == nil, "blocks were not asked for")
        isAwaited = false
        read = (blocks, payload)
    }

    /// Makes a batch of the blocks whose payload has been read.
    mutating func beginBatch() {
        guard let (blocks, payload) = read else { return }
        read = nil
        guard !blocks.isEmpty else { return release(payload) }
        batch = OutboundBatch(blocks, payload: payload)
    }

    /// The kernel has taken `count` more bytes of the batch.
    mutating func advance(by count: Int) {
        guard count > 0, let left = batch?.advance(by: count) else { return }
        leaving += left
        guard let sent = batch, sent.isSent else { return }
        release(sent.payload)
        batch = nil
    }

    /// Takes those that the owner is told of now.
    mutating func takeLeaving() -> [BlockRequest] {
        defer { leaving.removeAll(keepingCapacity: true) }
        return leaving
    }

    /// The link has ended.
    mutating func drop() {
        if let batch { release(batch.payload) }
        if let read { release(read.payload) }
        batch = nil
        read = nil
        servable.removeAll()
    }

    /// The kernel or the stream has these bytes, or nobody wants them.
    func release(_ payload: OutboundPayload) {
        if case .buffer(let buffer) = payload { buffers.giveBack(buffer) }
    }
}
