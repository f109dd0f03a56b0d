package import TorrentCore

extension PeerLink {
    /// Puts a message on the wire at the next `flush`, before any block that has not begun to leave.
    package func send(_ message: PeerMessage) {
        noteMessages()
        message.append(to: &messages)
    }

    /// Puts bytes that are encoded already on the wire: a handshake, a bitfield, an extension message.
    package func send(encoded bytes: [UInt8]) {
        noteMessages()
        messages += bytes
    }

    private func noteMessages() {
        if messages.isEmpty { messagesSince = reactor.now }
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

    /// Sends blocks that `linkWantsBlocks` asked for, taken from the front of `servable`, at the next `flush`. The link
    /// owns their payload until they have been sent.
    package func send(_ blocks: [BlockRequest], from payload: OutboundPayload) {
        awaitsBlocks = false
        guard isOpen else { return release(payload) }
        precondition(blocksToSend == nil, "blocks were not asked for")
        blocksToSend = (blocks, payload)
    }

    func release(_ payload: OutboundPayload?) {
        if case .buffer(let buffer) = payload { buffers.giveBack(buffer) }
    }

    /// The kernel has room again, so it has sent nearly all that it held.
    func socketHasRoom() {
        reportLeaving()
        flush()
    }

    /// Writes until nothing is left, the socket is full, the rate limit forbids more, or other links should get to
    /// write.
    package func flush() {
        for _ in 0..<Self.writesAFlush {
            guard isOpen else { return }
            if batch == nil { nextBatch() }
            guard isOpen else { return }
            guard isHeard else { return end(.deaf) }
            let blockBytes = blockBytesThatMayLeave()
            guard blockBytes > 0 || !messages.isEmpty else { return watch(.write, !leaving.isEmpty) }
            guard write(blockBytes) else { return }
        }
        watch(.write, true)
    }

    // Two megabytes; then other links may.
    private static let writesAFlush = 4

    /// Makes a batch of the waiting blocks whose payload the owner has read.
    private func nextBatch() {
        if !servable.isEmpty, blocksToSend == nil, !awaitsBlocks {
            awaitsBlocks = true
            owner.linkWantsBlocks(self)
        }
        guard isOpen, let (blocks, payload) = blocksToSend else { return }
        blocksToSend = nil
        guard !blocks.isEmpty else { return release(payload) }
        batch = OutboundBatch(blocks, payload: payload)
    }

    /// Bytes of the batch that the rate limit allows now: whole blocks only, so that no message has to wait for the
    /// limit behind half a block. If there are none, a timer calls `flush` again.
    private func blockBytesThatMayLeave() -> Int {
        guard let batch else { return 0 }
        guard let limiter = limiters.upload else {
            granted.bytes = 0
            return batch.remaining
        }
        if granted.bytes == 0 {
            granted.bytes = batch.wholeBlocks(within: limiter.portion)
            granted.from = limiter.reserve(granted.bytes, at: reactor.now)
        }
        guard granted.from <= reactor.now else {
            reportLeaving()
            pause(.write, until: granted.from)
            return 0
        }
        return granted.bytes
    }

    /// One `sendmsg` of messages and `blockBytes` bytes of blocks. False if the socket is full or the link has ended.
    private func write(_ blockBytes: Int) -> Bool {
        let begun = batch?.begun ?? 0
        let wanted = min(messages.count - messagesSent + blockBytes, line.offer)
        let written: Int
        do throws(SystemError) {
            written = try put(blockBytes, allowance: wanted)
        } catch {
            fail(error)
            return false
        }
        let ofBegun = min(begun, written)
        let ofMessages = min(messages.count - messagesSent, written - ofBegun)
        tookBlocks(written - ofMessages)
        tookMessages(ofMessages)
        if line.took(written, at: reactor.now) { Sockets.limitBacklog(of: socket, to: line.backlog) }
        if line.isQuick { reportLeaving() }
        // A socket that took less than it was offered is full.
        guard written == wanted else {
            watch(.write, true)
            return false
        }
        return isOpen
    }

    private func put(_ blockBytes: Int, allowance: Int) throws(SystemError) -> Int {
        try messages.withUnsafeBufferPointer { (all) throws(SystemError) in
            let messages = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[messagesSent...]))
            guard let batch, blockBytes > 0 else {
                let part = UnsafeRawBufferPointer(rebasing: messages.prefix(allowance))
                return try socket.send(part) ?? 0
            }
            return try batch.withVectors(around: messages, limit: blockBytes, allowance: allowance, socket.send) ?? 0
        }
    }

    private func tookMessages(_ count: Int) {
        guard count > 0 else { return }
        messagesSent += count
        guard messagesSent == messages.count else { return }
        messages.removeAll(keepingCapacity: true)
        messagesSent = 0
        guard !line.isQuick, batch != nil || !leaving.isEmpty else { return }
        let waited = reactor.now - messagesSince + kernelWait()
        if waited >= Self.noticeableWait { owner.link(self, keptMessagesWaiting: waited) }
    }

    /// How long bytes that the kernel takes now will wait there; it is asked only now and then.
    private func kernelWait() -> Duration {
        guard reactor.now >= nextQuestion else { return .zero }
        nextQuestion = reactor.now + Self.timeBetweenQuestions
        return Sockets.queueingTime(of: socket) ?? .zero
    }

    private func tookBlocks(_ count: Int) {
        batch?.advance(by: count) { leaving.append($0) }
        // Without a limit nothing was granted, though there may be one by now.
        granted.bytes = max(0, granted.bytes - count)
        guard let sent = batch, sent.isSent else { return }
        release(sent.payload)
        batch = nil
    }

    private func fail(_ error: SystemError) {
        reportLeaving()
        if error.isBadAddress, case .mapping = batch?.payload, let block = batch?.currentBlock {
            end(.contentShrank(block))
        } else {
            end(.failed(error))
        }
    }

    private func reportLeaving() {
        guard !leaving.isEmpty else { return }
        let blocks = leaving
        leaving.removeAll(keepingCapacity: true)
        for block in blocks where isOpen { owner.link(self, sent: block) }
    }
}
