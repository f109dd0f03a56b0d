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

    /// A peer is told at most once in this time.
    static let pause = Duration.seconds(60)

    init(isOn: Bool, tells: Bool = true) {
        self.isOn = isOn
        self.tells = tells
    }

    /// The torrent has turned out to be private, or not.
    mutating func learned(isPrivate: Bool) {
        if isPrivate { isOn = false } else { tells = true }
    }

    mutating func noteChange() { changes += 1 }
}

/// What one peer has been told of the others, and what came from it.
struct ExchangeRecord {
    /// Those of whom it was told that they are there, and not yet that they are gone, in the order of the telling.
    private(set) var told: [Endpoint] = []
    /// What it was told last.
    private(set) var last = PeerExchange()
    /// It is told nothing before this moment.
    private(set) var nextAt = Moment.zero
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
        let gone = Set(last.dropped)
        told = told.filter { !gone.contains($0) } + last.added.map(\.endpoint)
        return true
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
