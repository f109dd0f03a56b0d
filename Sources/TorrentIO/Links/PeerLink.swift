package import TorrentCore

/// One connection to a peer after the handshake: reads messages and blocks from a stream, and writes them to it.
///
/// It knows the framing of the wire and nothing of what messages mean. Payload is read at one go straight into the
/// slots of the blocks that we asked for, and leaves at one go as header and block pairs. Confined to its reactor.
package final class PeerLink: ReadinessHandler {
    /// The owner's identifier for this link.
    package let id: UInt64
    package private(set) var isOpen = true
    /// For the owner: a `flush` has been scheduled.
    package var isDirty = false

    private(set) unowned var owner: any PeerLinkOwner
    let stream: PeerStream
    let reactor: Reactor
    private(set) var interest: LinkInterest
    var allowance: LinkAllowance

    // Receiving: see PeerLink+Receiving.swift.
    var inbound: InboundFrames
    var payload: IncomingPayload?

    // Sending: see PeerLink+Sending.swift.
    var messages = OutboundMessages()
    var blocks: OutboundBlocks
    var line = LineSpeed()

    /// Takes over a connected stream, and bytes that were read from it already. Nothing is dealt with before a later
    /// turn of the reactor.
    package init(
        id: UInt64, stream: PeerStream, early: [UInt8] = [], owner: any PeerLinkOwner, reactor: Reactor,
        buffers: ReadBufferPool, limiters: LinkLimiters, reader: MessageReader
    ) throws(SystemError) {
        self.id = id
        self.stream = stream
        self.owner = owner
        self.reactor = reactor
        allowance = LinkAllowance(limiters)
        inbound = InboundFrames(reader, early: early)
        blocks = OutboundBlocks(buffers: buffers)
        interest = LinkInterest(isReading: early.isEmpty)
        stream.prepareForPayload()
        stream.limitBacklog(to: line.backlog)
        try stream.watch(interest.polled, on: reactor, handler: self)
        if !early.isEmpty { reactor.performLater { [weak self] in self?.receiveEarly() } }
    }

    /// Receives first: what has come may be a request, whose answer then leaves in the same turn.
    package func descriptorReady(_ descriptor: Int32, _ readiness: Readiness) {
        if readiness.contains(.read) || readiness.contains(.hangup) { receive() }
        if isOpen, readiness.contains(.write) { streamHasRoom() }
    }

    /// Closes the connection; the owner is not told.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        sendLastWords()
        stream.unwatch(on: reactor)
        stream.close()
        _ = interest.endPauses(on: reactor)
        allowance.giveBackGranted()
        blocks.drop()
    }

    /// From now on `owner` hears of it, and what comes is read by `reader`. Not to be called while it hears something.
    package func move(to owner: any PeerLinkOwner, reader: MessageReader) {
        self.owner = owner
        inbound.reader = reader
    }

    /// The rate limits are others now: what waits for the old ones asks again.
    package func limitsChanged() {
        guard isOpen else { return }
        allowance.giveBackGranted()
        if interest.isTimed { resume() }
    }

    // MARK: For the two halves

    func end(_ reason: LinkEnd) {
        guard isOpen else { return }
        close()
        owner.link(self, ended: reason)
    }

    func watch(_ direction: Readiness, _ isWanted: Bool) {
        guard isOpen, interest.want(direction, isWanted) else { return }
        stream.change(to: interest.polled, on: reactor)
    }

    func pause(_ direction: Readiness, until moment: Moment) {
        watch(direction, false)
        interest.pause(direction, until: moment, on: reactor) { [weak self] in self?.resume() }
    }

    /// What had to pause may go on, as far as the rate limits allow.
    func resume() {
        let paused = interest.endPauses(on: reactor)
        watch(.read, true)
        if paused.contains(.write) { flush() }
    }
}
