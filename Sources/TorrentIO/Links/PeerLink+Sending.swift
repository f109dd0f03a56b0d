package import TorrentCore

extension PeerLink {
    /// Where the owner takes buffers to read blocks into.
    package var buffers: ReadBufferPool { blocks.buffers }
    /// Blocks to be served that have not been read yet, in the order asked for.
    package var servable: Queue<BlockRequest> { blocks.servable }
    /// Whether the payload of blocks may be sent from a mapping.
    package var sendsMappings: Bool { stream.sendsMappings }

    /// Puts a message on the wire at the next `flush`, before any block that has not begun to leave.
    package func send(_ message: PeerMessage) {
        messages.append(message, at: reactor.now)
    }

    /// Puts bytes that are encoded already on the wire: a handshake, a bitfield, an extension message.
    package func send(encoded bytes: [UInt8]) {
        messages.append(encoded: bytes, at: reactor.now)
    }

    /// The same of many bytes, after which their owner has more to say: `linkSentAwaited` follows when they have left.
    package func send(awaited bytes: [UInt8]) {
        messages.append(encoded: bytes, at: reactor.now, isAwaited: true)
    }

    /// Queues a block to be read and sent.
    package func serve(_ block: BlockRequest) {
        blocks.serve(block)
    }

    /// Takes blocks from the front of `servable`: as many as fit into so many bytes, and at most `count`.
    package func takeServable(bytes: Int, count: Int) -> [BlockRequest] {
        blocks.takeServable(bytes: bytes, count: count)
    }

    /// Sends blocks that `linkWantsBlocks` asked for, taken from the front of `servable`, at the next `flush`. The link
    /// owns their payload until they have been sent.
    package func send(_ blocks: [BlockRequest], from payload: OutboundPayload) {
        guard isOpen else { return self.blocks.release(payload) }
        self.blocks.provide(blocks, payload)
    }

    /// The stream has room again, so it has sent nearly all that it held.
    func streamHasRoom() {
        reportLeaving()
        flush()
    }

    /// Writes until nothing is left, the stream is full, the rate limit forbids more, or other links should get to
    /// write.
    package func flush() {
        for _ in 0..<Self.writesAFlush {
            guard isOpen else { return }
            if blocks.batch == nil { nextBatch() }
            guard isOpen else { return }
            guard !messages.isTooMuch else { return end(.deaf) }
            let blockBytes = blockBytesThatMayLeave()
            guard blockBytes > 0 || !messages.isEmpty else { return watch(.write, blocks.areLeaving) }
            guard write(blockBytes) else { return }
        }
        watch(.write, true)
    }

    // Two megabytes; then other links may.
    private static let writesAFlush = 4

    /// Messages that wait go out if they can at once, and not within a block: whoever leaves when it has everything has
    /// said so just before.
    func sendLastWords() {
        guard !messages.isEmpty, blocks.batch?.begun ?? 0 == 0 else { return }
        _ = try? messages.withBytes { (bytes) throws(SystemError) in try stream.write(bytes) }
    }

    /// Makes a batch of the waiting blocks whose payload the owner has read.
    private func nextBatch() {
        if blocks.ask() { owner.linkWantsBlocks(self) }
        if isOpen { blocks.beginBatch() }
    }

    /// Bytes of the batch that the rate limit allows now. If there are none, a timer calls `flush` again.
    private func blockBytesThatMayLeave() -> Int {
        guard let batch = blocks.batch else { return 0 }
        switch allowance.sending(of: batch, at: reactor.now) {
        case .bytes(let count): return count
        case .wait(let moment):
            reportLeaving()
            pause(.write, until: moment)
            return 0
        }
    }

    /// Writes messages and `blockBytes` bytes of blocks at one go. False if the stream is full or the link has ended.
    private func write(_ blockBytes: Int) -> Bool {
        let begun = blocks.batch?.begun ?? 0
        let wanted = min(messages.count + blockBytes, line.offer)
        let written: Int
        do throws(SystemError) {
            written = try put(blockBytes, allowance: wanted)
        } catch {
            fail(error)
            return false
        }
        let ofBegun = min(begun, written)
        let ofMessages = min(messages.count, written - ofBegun)
        blocks.advance(by: written - ofMessages)
        allowance.sent(written - ofMessages)
        tookMessages(ofMessages)
        if line.took(written, at: reactor.now) { stream.limitBacklog(to: line.backlog) }
        if line.isQuick { reportLeaving() }
        // A stream that took less than it was offered is full.
        guard written == wanted else {
            watch(.write, true)
            return false
        }
        return isOpen
    }

    private func put(_ blockBytes: Int, allowance: Int) throws(SystemError) -> Int {
        try messages.withBytes { (messages) throws(SystemError) in
            guard let batch = blocks.batch, blockBytes > 0 else {
                return try stream.write(UnsafeRawBufferPointer(rebasing: messages.prefix(allowance))) ?? 0
            }
            let stream = stream
            return try batch.withVectors(
                around: messages, limit: blockBytes, allowance: allowance
            ) { (vectors) throws(SystemError) in try stream.write(vectors) } ?? 0
        }
    }

    private func tookMessages(_ count: Int) {
        guard let since = messages.advance(by: count) else { return }
        if messages.takeAwaited() { owner.linkSentAwaited(self) }
        guard isOpen, !line.isQuick, blocks.batch != nil || blocks.areLeaving else { return }
        let waited = reactor.now - since + streamWait()
        if waited >= OutboundMessages.noticeableWait { owner.link(self, keptMessagesWaiting: waited) }
    }

    /// How long bytes that are taken now will wait on their way out; it is asked only now and then.
    private func streamWait() -> Duration {
        guard messages.mayAskKernel(at: reactor.now) else { return .zero }
        return stream.queueingTime ?? .zero
    }

    private func fail(_ error: SystemError) {
        reportLeaving()
        if error.isBadAddress, case .mapping = blocks.batch?.payload, let block = blocks.batch?.currentBlock {
            end(.contentShrank(block))
        } else {
            end(.failed(error))
        }
    }

    /// Whoever has everything has what left for it, too: that is told before anybody ends the connection.
    package func blocksHaveArrived() { reportLeaving() }

    private func reportLeaving() {
        guard blocks.areLeaving else { return }
        for block in blocks.takeLeaving() where isOpen { owner.link(self, sent: block) }
    }
}
