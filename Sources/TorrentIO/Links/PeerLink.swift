package import TorrentCore

/// One connection to a peer after the handshake: reads messages and blocks from the socket, and writes them to it.
///
/// It knows the framing of the wire and nothing of what messages mean. Payload is read with one `readv` straight into
/// the slots of the blocks that we asked for, and leaves with one `sendmsg` of header and block pairs. Confined to its
/// reactor.
package final class PeerLink: ReadinessHandler {
    /// The owner's identifier for this link.
    package let id: UInt64
    let socket: Descriptor
    package private(set) var isOpen = true
    /// For the owner: a `flush` has been scheduled.
    package var isDirty = false
    /// Blocks to be served that have not been read yet, in the order asked for.
    package internal(set) var servable = Queue<BlockRequest>()

    unowned let owner: any PeerLinkOwner
    let reactor: Reactor
    package let buffers: ReadBufferPool
    let limiters: LinkLimiters
    let reader: MessageReader
    private var interest: Readiness = [.read]

    // Receiving: see PeerLink+Receiving.swift.
    var inbound = InboundBuffer()
    /// Bytes that must stand in `inbound` before its first message is whole.
    var inboundNeed = 0
    var payload: IncomingPayload?

    // Sending: see PeerLink+Sending.swift.
    /// Encoded messages that go out before any further block, and how many bytes of them the kernel has taken.
    var messages: [UInt8] = []
    var messagesSent = 0
    /// Since when the first of them has waited.
    var messagesSince = Moment.zero
    /// Messages that waited at least `noticeableWait`, here and in the kernel, are reported to the owner. The kernel is
    /// asked at most once in `timeBetweenQuestions`.
    static let noticeableWait = Duration.milliseconds(20)
    static let timeBetweenQuestions = Duration.milliseconds(100)
    var nextQuestion = Moment.zero
    /// Most bytes of unsent messages: a peer for whom more are waiting reads nothing.
    static let mostUnsent = 1 << 20
    var isHeard: Bool { messages.count - messagesSent <= Self.mostUnsent }
    var batch: OutboundBatch?
    /// Blocks whose payload the owner has read, not yet in a batch.
    var blocksToSend: (blocks: [BlockRequest], payload: OutboundPayload)?
    /// Bytes of the batch that the rate limit lets go, and from when on.
    var granted = (bytes: 0, from: Moment.zero)
    /// The owner has been asked for blocks and has not answered yet.
    var awaitsBlocks = false
    var line = LineSpeed()
    /// Blocks that the kernel has taken, before the owner is told: on a slow line, when they have left the machine.
    var leaving: [BlockRequest] = []
    private(set) var paused: Readiness = []
    /// One for both directions: it fires when the first of them may go on.
    private var pauseTimer: (moment: Moment, id: TimerID)?

    /// Takes over a connected socket. Nothing is read before the next iteration of the reactor.
    package init(
        id: UInt64, socket: Descriptor, owner: any PeerLinkOwner, reactor: Reactor, buffers: ReadBufferPool,
        limiters: LinkLimiters, reader: MessageReader
    ) throws(SystemError) {
        self.id = id
        self.socket = socket
        self.owner = owner
        self.reactor = reactor
        self.buffers = buffers
        self.limiters = limiters
        self.reader = reader
        Sockets.shortenSendBufferIfNear(socket)
        Sockets.limitBacklog(of: socket, to: line.backlog)
        try reactor.watch(socket, interest, handler: self)
    }

    package func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) {
        if readiness.contains(.read) || readiness.contains(.hangup) { receive() }
        if isOpen, readiness.contains(.write) { socketHasRoom() }
    }

    /// Closes the connection; the owner is not told.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        reactor.unwatch(socket)
        socket.close()
        if let pauseTimer { reactor.cancel(pauseTimer.id) }
        limiters.upload?.giveBack(granted.bytes)
        release(batch?.payload)
        release(blocksToSend?.payload)
        batch = nil
        blocksToSend = nil
        servable.removeAll()
    }

    /// The rate limits may allow more again.
    private func resume() {
        pauseTimer = nil
        let wasSending = paused.contains(.write)
        paused = []
        watch(.read, true)
        if wasSending { flush() }
    }

    /// The rate limits are others now: what waits for the old ones asks again.
    package func limitsChanged() {
        guard isOpen else { return }
        limiters.upload?.giveBack(granted.bytes)
        granted = (0, .zero)
        guard let pauseTimer else { return }
        reactor.cancel(pauseTimer.id)
        resume()
    }

    // MARK: For the two halves

    func end(_ reason: LinkEnd) {
        guard isOpen else { return }
        close()
        owner.link(self, ended: reason)
    }

    func watch(_ direction: Readiness, _ wanted: Bool) {
        var changed = interest
        if wanted { changed.insert(direction) } else { changed.remove(direction) }
        guard isOpen, changed != interest else { return }
        interest = changed
        reactor.change(socket, to: interest)
    }

    func pause(_ direction: Readiness, until moment: Moment) {
        paused.insert(direction)
        watch(direction, false)
        if let pauseTimer {
            guard moment < pauseTimer.moment else { return }
            reactor.cancel(pauseTimer.id)
        }
        pauseTimer = (moment, reactor.setTimer(at: moment) { [weak self] in self?.resume() })
    }
}
