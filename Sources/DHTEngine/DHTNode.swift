package import TorrentCore

/// One node of the DHT (BEP 5): it keeps a table of others, looks up and announces, and answers who asks.
///
/// It holds no socket, name or clock. `take` tells it one thing that happened, `received` gives it a datagram, at a
/// time that the shell says; what is to be done is appended to `effects`. `nextDeadline` says when it wants to be
/// woken.
package struct DHTNode: ~Copyable {
    package let configuration: DHTConfiguration
    let origin: Moment
    var now: Moment
    var effects: [DHTEffect] = []
    /// Where all chance comes from, secrets left out: what others see of it tells nothing of those.
    var generator: SplitMix64
    var identity: Identity
    var table: RoutingTable
    var asking: Asking
    var walks = Walks()
    var joining = Joining()
    var seeking = Seeking()
    /// When it is looked who of the table has to be asked whether he is still there.
    var careAt = Moment.distantFuture
    var traffic = DHTFigures.Traffic()
    var answering: Answering

    package init(_ configuration: DHTConfiguration, at now: Moment) {
        self.configuration = configuration
        origin = now
        self.now = now
        generator = SplitMix64(seed: Self.seed(configuration.seed, for: 1))
        identity = Identity(configuration, using: &generator)
        asking = Asking(configuration.limits, seed: Self.seed(configuration.secret, for: 2))
        answering = Answering(configuration)
        table = RoutingTable(own: identity.id, sizes: configuration.rules.bucketSizes)
        for contact in configuration.memory.contacts.prefix(Self.mostRemembered) where isWorthKeeping(contact) {
            table.remembered(contact)
        }
    }

    /// Nodes that are remembered between runs.
    static let mostRemembered = 200

    /// Several seeds out of one, so that whoever guesses one knows none of the others.
    private static func seed(_ seed: UInt64, for use: UInt64) -> UInt64 {
        var input: [UInt8] = []
        input.appendBigEndian(seed)
        input.appendBigEndian(use)
        return SHA1.digest(of: input).bytes.words.high
    }

    var rules: DHTRules { configuration.rules }
    var limits: DHTLimits { configuration.limits }
    var isRunning: Bool { joining.phase != .off }

    /// The table counts in seconds.
    var second: TableSecond { second(of: now) }

    func second(of moment: Moment) -> TableSecond {
        TableSecond(clamping: max(moment.nanoseconds - origin.nanoseconds, 0) / 1_000_000_000 + 1)
    }

    func moment(of second: TableSecond) -> Moment {
        second == .max ? .distantFuture : origin + .seconds(Int64(second) - 1)
    }

    /// When `deadlineReached` is to be told, unless something happens before.
    package var nextDeadline: Moment {
        guard isRunning else { return .distantFuture }
        var next = min(asking.questions.deadline, walks.deadline, careAt)
        next = min(next, joining.retryAt, joining.lookAt, answering.nextDeadline)
        if !walks.waiting.isEmpty, !asking.questions.isFull { next = min(next, asking.pace.next) }
        if mayBeginSeeking { next = min(next, seeking.nextDue) }
        return next
    }

    /// Something happened.
    package mutating func take(_ event: DHTEvent, at now: Moment, effects: inout [DHTEffect]) {
        open(at: now, &effects)
        switch event {
        case .start: start()
        case .stop: stop()
        case .deadlineReached: break
        case .externalAddress(let address): told(of: address)
        case .networkChanged: networkChanged()
        case .nodesNamed(let endpoints, let naming): named(endpoints, by: naming)
        case .notDelivered(let endpoint): notDelivered(endpoint)
        case .seek(let infoHash, let announcement): seeking.seek(infoHash, announcement, at: now)
        case .hurry(let infoHash): seeking.hurry(infoHash, at: now)
        case .forget(let infoHash): forget(infoHash)
        case .inquire(let id, let inquiry): inquire(id, inquiry)
        case .dropInquiry(let id): dropInquiry(id)
        }
        advance()
        close(&effects)
    }

    /// A datagram came that looks like one of the DHT. `beside` gives the closest nodes of the other family (BEP 32).
    package mutating func received(
        _ datagram: RawSpan, from sender: Endpoint, beside: (NodeID) -> [DHTContact] = { _ in [] }, at now: Moment,
        effects: inout [DHTEffect]
    ) {
        open(at: now, &effects)
        if isRunning { read(datagram, from: sender, beside: beside) }
        advance()
        close(&effects)
    }

    private mutating func open(at now: Moment, _ effects: inout [DHTEffect]) {
        self.now = max(now, self.now)
        swap(&self.effects, &effects)
    }

    private mutating func close(_ effects: inout [DHTEffect]) { swap(&self.effects, &effects) }

    /// One thing that is due brings about another at once, so often at the most.
    private static let mostRounds = 4

    private mutating func advance() {
        for _ in 0..<Self.mostRounds where isRunning {
            doWhatIsDue()
            if nextDeadline > now { return }
        }
    }

    private mutating func doWhatIsDue() {
        while let question = asking.questions.nextForgotten(at: now) { forgotten(question) }
        if walks.deadline <= now { for lookup in walks.all where lookup.deadline <= now { drive(lookup) } }
        keepJoining()
        beginWaiting()
        takeTurns()
        if careAt <= now { tend() }
        if answering.nextDeadline <= now { answering.expire(at: now) }
    }
}
