import TorrentCore

/// Peer exchange (BEP 11): whether there is any, and how often something has changed that others are to be told. What
/// each peer has been told, and how it tells us, stands in its own part, an `ExchangeRecord`.
struct Exchange {
    /// False for a private torrent (BEP 27), and where the user does not want it: then nobody is told, and nobody
    /// believed.
    private(set) var isOn: Bool
    /// False as long as it may turn out that the torrent is private: then others are believed, and nobody is told.
    private(set) var tells: Bool
    /// How often somebody has come whose address is known, or gone.
    private(set) var changes = 0

    /// Who has lately announced itself at the tracker of this process, and when. We may not be connected with it yet.
    private var newcomers: [(endpoint: Endpoint, since: Moment)] = []

    /// A peer is told at most once in this time.
    static let pause = Duration.seconds(60)
    /// Of newcomers it is told sooner, though not sooner than this after the message before. Four a minute is what
    /// programs bear that close the connection to whoever sends too many.
    static let pauseForNewcomers = Duration.seconds(15)
    /// Newcomers that are remembered, and for how long: by then we are connected with those that can be reached.
    static let mostNewcomers = 200
    static let newcomerTime = Duration.seconds(120)

    init(isOn: Bool, tells: Bool = true) {
        self.isOn = isOn
        self.tells = tells
    }

    /// The torrent has turned out to be private, or not.
    mutating func learned(isPrivate: Bool) {
        if isPrivate { isOn = false } else { tells = true }
    }

    mutating func noteChange() { changes += 1 }

    /// Those that still count as such.
    func newcomers(at now: Moment) -> [(endpoint: Endpoint, since: Moment)] {
        newcomers.filter { now - $0.since <= Self.newcomerTime }
    }

    /// Somebody has announced itself at the tracker of this process. False if that was known.
    mutating func noteNewcomer(_ endpoint: Endpoint, at now: Moment) -> Bool {
        newcomers = newcomers(at: now)
        guard isOn, !newcomers.contains(where: { $0.endpoint == endpoint }) else { return false }
        if newcomers.count == Self.mostNewcomers { newcomers.removeFirst() }
        newcomers.append((endpoint, now))
        noteChange()
        return true
    }
}

/// What one peer has been told of the others, and what came from it.
struct ExchangeRecord {
    /// Those of whom it was told that they are there, and not yet that they are gone, in the order of the telling.
    private(set) var told: [Endpoint] = []
    /// What it was told last.
    private(set) var last = PeerExchange()
    /// It is told nothing before this moment.
    private(set) var nextAt = Moment.zero
    /// When it was told last.
    private var toldAt: Moment?
    /// `Exchange.changes` when it had last been told all.
    private var seen = -1
    /// Since when its messages are counted, how many came since, and whether there were ever too many.
    private var heardSince = Moment.zero
    private var heardCount = 0
    private var isFlooding = false
    private var hasTold = false

    /// Messages of one peer that are believed in the time in which one should come.
    static let mostMessages = 6
    /// Peers of a message that are believed, after the first one.
    static let mostBelieved = 100

    /// Something has changed since it was last told all.
    func isBehind(_ changes: Int) -> Bool { seen != changes }

    /// Makes the next message: who has come and who has gone since the last one. Whoever came and went in between is
    /// in neither list. False if there is nothing to tell.
    mutating func tell(of standing: [ExchangedPeer], changes: Int, at now: Moment) -> Bool {
        let here = Set(standing.map(\.endpoint))
        let known = Set(told)
        let added = standing.filter { !known.contains($0.endpoint) }
        let dropped = told.filter { !here.contains($0) }
        let most = PeerExchange.mostSent
        last = PeerExchange(added: Array(added.prefix(most)), dropped: Array(dropped.prefix(most)))
        if added.count <= most, dropped.count <= most { seen = changes }
        guard !last.isEmpty else { return false }
        nextAt = now + Exchange.pause
        toldAt = now
        let gone = Set(last.dropped)
        told = told.filter { !gone.contains($0) } + last.added.map(\.endpoint)
        return true
    }

    /// There is a newcomer, of whom it need not wait to hear.
    mutating func hasten(at now: Moment) {
        nextAt = min(nextAt, toldAt.map { max(now, $0 + Exchange.pauseForNewcomers) } ?? now)
    }

    /// How many peers of a message that came now are believed: none of one who sent too many messages, ever again.
    mutating func believed(at now: Moment) -> Int {
        if now - heardSince >= Exchange.pause { (heardSince, heardCount) = (now, 0) }
        heardCount += 1
        isFlooding = isFlooding || heardCount > Self.mostMessages
        defer { hasTold = true }
        return isFlooding ? 0 : hasTold ? Self.mostBelieved : PeerExchange.mostRead
    }
}
