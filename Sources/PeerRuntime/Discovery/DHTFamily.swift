import DHTEngine
import TorrentCore
import TorrentIO

/// Whoever has a node of the DHT does what that wants done. It never calls the node meanwhile.
protocol DHTFamilyOwner: AnyObject {
    func perform(_ effect: DHTEffect, of family: DHTFamily)
}

/// The node of one family, its effects on their way to being carried out, and the timer that wakes it. Confined to a
/// reactor.
final class DHTFamily {
    let isV4: Bool
    /// What the node said last, and whether people have heard that nobody answers.
    var state = DHTState.off
    var isKnownToBeAlone = false
    var isReady: Bool { if case .ready = state { true } else { false } }
    weak var owner: (any DHTFamilyOwner)?
    /// Where we listen for peers, as announces of this family say it; nil: nobody is told.
    let announcement: DHTAnnouncement?
    private let reactor: Reactor
    private var node: DHTNode
    private var effects: [DHTEffect] = []
    private var timer: (moment: Moment, id: TimerID)?

    init(_ configuration: DHTConfiguration, announcing announcement: DHTAnnouncement?, on reactor: Reactor) {
        isV4 = configuration.isV4
        self.announcement = announcement
        self.reactor = reactor
        node = DHTNode(configuration, at: reactor.now)
    }

    func take(_ event: DHTEvent) {
        reactor.preconditionOnReactor()
        node.take(event, at: reactor.now, effects: &effects)
        carryOut()
    }

    /// `other` is the node of the other family, which is asked for the nodes that it knows (BEP 32).
    func received(_ datagram: RawSpan, from sender: Endpoint, beside other: DHTFamily?) {
        reactor.preconditionOnReactor()
        node.received(
            datagram, from: sender, beside: { other?.node.closest(to: $0) ?? [] }, at: reactor.now, effects: &effects)
        carryOut()
    }

    var memory: DHTMemory { node.memory(at: reactor.now) }
    /// Nil while it is being looked up, or waits for its turn.
    func nextLookup(of infoHash: InfoHash, at now: Moment) -> Moment? {
        node.nextLookup(of: infoHash).flatMap { $0 > now ? $0 : nil }
    }
    var figures: DHTFigures { node.figures(at: reactor.now) }

    /// It is never woken again.
    func end() {
        take(.stop)
        if let timer { reactor.cancel(timer.id) }
        timer = nil
        owner = nil
    }

    private func carryOut() {
        let wanted = effects
        effects.removeAll(keepingCapacity: true)
        for effect in wanted { owner?.perform(effect, of: self) }
        armTimer()
    }

    private func armTimer() {
        let next = node.nextDeadline
        guard timer?.moment != next else { return }
        if let timer { reactor.cancel(timer.id) }
        timer = nil
        guard next != .distantFuture else { return }
        let id = reactor.setTimer(at: next) { [weak self] in
            guard let self else { return }
            timer = nil
            take(.deadlineReached)
        }
        timer = (next, id)
    }
}
