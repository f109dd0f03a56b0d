package import TorrentCore

extension PeerLink {
    /// Puts a message on the wire at the next `flush`, before any block that has not been read yet.
    package func send(_ message: PeerMessage) {
        message.append(to: &messages)
    }

    /// Puts bytes that are encoded already on the wire: a handshake, a bitfield, an extension message.
    package func send(encoded bytes: [UInt8]) {
        messages += bytes
    }

    /// Queues a block to be read and sent.
    package func serve(_ block: BlockRequest) {
        servable.append(block)
    }

    /// Takes blocks from the front of `servable`: as many as fit into so many bytes, at least one.
    package func takeServable(bytes: Int, count: Int) -> [BlockRequest] {
        var blocks: [BlockRequest] = []
        var room = bytes
        while let next = servable.first, blocks.count < count, Int(next.length) <= room {
            room -= Int(next.length)
            blocks.append(next)
            servable.removeFirst()
        }
        return blocks
    }

    /// The blocks that `linkWantsBlocks` asked for, taken from the front of `servable`. Their payload is the link's
    /// until they have left. `flush` puts them on the wire.
    package func send(_ blocks: [BlockRequest], from payload: OutboundPayload) {
        awaitsBlocks = false
        guard isOpen else { return release(payload) }
        precondition(blocksToSend == nil, "blocks were not asked for")
        blocksToSend = (blocks, payload)
    }

    func release(_ payload: OutboundPayload?) {
        if case .buffer(let buffer) = payload { buffers.giveBack(buffer) }
    }

    /// The kernel wants more, so nearly all that it had is on its way.
    func socketHasRoom() {
        reportLeaving()
        flush()
    }

    /// Writes until nothing is left, the socket is full, a rate limit says no, or other links want their turn.
    package func flush() {
        for _ in 0..<Self.batchesATurn {
            guard isOpen, !paused.contains(.write) else { return }
            if batch == nil { nextBatch() }
            guard isOpen else { return }
            guard isHeard else { return end(.deaf) }
            guard batch != nil else { return watch(.write, !leaving.isEmpty) }
            guard writeBatch() else { return }
        }
        watch(.write, true)
    }

    // Two megabytes, then the next link.
    private static let batchesATurn = 4

    /// What waits goes into one batch: messages first, then the blocks that the owner has read.
    private func nextBatch() {
        if !servable.isEmpty, blocksToSend == nil, !awaitsBlocks {
            awaitsBlocks = true
            owner.linkWantsBlocks(self)
        }
        guard isOpen, blocksToSend != nil || !messages.isEmpty else { return }
        var next = OutboundBatch(messages: messages)
        messages.removeAll(keepingCapacity: true)
        if let (blocks, payload) = blocksToSend {
            next.add(blocks, payload: payload)
            blocksToSend = nil
        }
        batch = next
    }

    /// False if it has to wait: for the socket, for the rate limit, or for ever.
    private func writeBatch() -> Bool {
        guard var current = batch else { return false }
        var granted = Int.max
        if let limiter = limiters.upload, current.payload != nil {
            granted = limiter.take(upTo: current.remaining, at: reactor.now)
            if granted == 0 {
                reportLeaving()
                pause(.write, until: limiter.nextAvailable(at: reactor.now))
                return false
            }
        }
        let allowance = min(granted, line.offer)
        let wanted = min(current.remaining, allowance)
        let written: Int?
        do throws(SystemError) {
            written = try current.write(to: socket, allowance: allowance) { leaving.append($0) }
        } catch {
            reportLeaving()
            if error.isBadAddress, case .mapping = current.payload, let block = current.currentBlock {
                end(.contentShrank(block))
            } else {
                end(.failed(error))
            }
            return false
        }
        if granted != .max { limiters.upload?.giveBack(granted - (written ?? 0)) }
        if current.isSent {
            release(current.payload)
            batch = nil
        } else {
            batch = current
        }
        if let written, line.took(written, at: reactor.now) {
            Sockets.limitBacklog(of: socket, to: line.backlog)
        }
        if line.isQuick { reportLeaving() }
        // A socket that took less than it was offered is full.
        guard written == wanted else {
            watch(.write, true)
            return false
        }
        return isOpen
    }

    private func reportLeaving() {
        guard !leaving.isEmpty else { return }
        let blocks = leaving
        leaving.removeAll(keepingCapacity: true)
        for block in blocks where isOpen { owner.link(self, sent: block) }
    }
}
