package import TorrentCore

/// The brain of a tracker: who is in which swarm, and who is told of whom.
///
/// It holds no socket and no clock: requests come parsed, with the time, and the answer is filled into a value that the
/// shell uses again and again.
package struct Tracker: Sendable {
    package var policy: TrackerPolicy
    /// What others call this machine; kept up to date by the shell.
    package var host = HostAddresses()
    package private(set) var counters = TrackerCounters()
    var table = SwarmTable()
    private var names: [InfoHash: String] = [:]
    private var chance: SplitMix64

    /// The same seed and requests give the same answers.
    package init(policy: TrackerPolicy = TrackerPolicy(), seed: UInt64) {
        self.policy = policy
        chance = SplitMix64(seed: seed)
    }

    // MARK: Requests

    /// Notes what a peer says and fills in what it is answered.
    package mutating func announce(
        _ request: AnnounceRequest, from origin: RequestOrigin, at now: Moment,
        answer: inout PackedAnnounceResponse
    ) throws(TrackerRefusal) {
        counters.announces += 1
        answer.removePeers()
        let peer = Endpoint(policy.address(of: request, from: origin), port: request.port)
        guard !peer.address.isUnspecified, !peer.address.isMulticast else { throw refuse(.badAddress) }
        let minute = Minute(now)
        if request.event == .stopped {
            counters.stopped += 1
            remove(peer, request, origin)
        } else if request.port != 0 {
            try note(peer, request, origin, at: minute)
        }
        let record = table.record(request.infoHash)
        fill(&answer, for: peer, record, source: policy.source(of: origin))
        if request.event != .stopped, let record {
            let wanted = min(max(0, request.numberWanted ?? policy.peersByDefault), policy.peersAtMost)
            let selection = PeerSelection(asker: peer, host: host, isSeeder: request.isSeeder)
            selection.fill(&answer, from: record, wanted: wanted, packetBytes: origin.packetBytes, using: &chance)
        }
    }

    /// The counts of a torrent; zeros if nobody knows it.
    package mutating func scrape(_ infoHash: InfoHash) -> ScrapeCounts {
        counters.scrapedTorrents += 1
        return table.record(infoHash)?.counts ?? ScrapeCounts()
    }

    private mutating func note(
        _ peer: Endpoint, _ request: AnnounceRequest, _ origin: RequestOrigin, at minute: Minute
    ) throws(TrackerRefusal) {
        let limits = policy.limits
        if table.slot(of: request.infoHash) == nil, table.count >= limits.torrents { throw refuse(.tooManyTorrents) }
        if table.peers >= limits.peers, table.record(request.infoHash)?.contains(peer) != true {
            throw refuse(.tooManyPeers)
        }
        let isCompleted = request.event == .completed
        switch request.event {
        case .started: counters.started += 1
        case .completed: counters.completed += 1
        case .none, .stopped: break
        }
        let slot = table.slotMaking(request.infoHash, at: minute)
        table.change(slot) { record in
            _ = record.upsert(peer, isSeeder: request.isSeeder, countsDownload: isCompleted, at: minute)
        }
        for other in others(request, origin, than: peer) {
            table.change(slot) { record in
                _ = record.upsert(other, isSeeder: request.isSeeder, countsDownload: false, at: minute)
            }
        }
    }

    private mutating func remove(_ peer: Endpoint, _ request: AnnounceRequest, _ origin: RequestOrigin) {
        guard let slot = table.slot(of: request.infoHash) else { return }
        let all = [peer] + others(request, origin, than: peer)
        table.change(slot) { record in
            for endpoint in all { _ = record.remove(endpoint) }
        }
    }

    /// Where else the peer says it listens (BEP 7): in the other family than that of its connection, and only if we
    /// would believe its address, or anybody could name a victim.
    private func others(_ request: AnnounceRequest, _ origin: RequestOrigin, than peer: Endpoint) -> [Endpoint] {
        guard request.otherIPv4 != nil || request.otherIPv6 != nil, policy.believes(origin) else { return [] }
        guard let other = peer.address.isV4 ? request.otherIPv6 : request.otherIPv4, other.port != 0,
            !other.address.isUnspecified, !other.address.isMulticast
        else { return [] }
        return [other]
    }

    private mutating func fill(
        _ answer: inout PackedAnnounceResponse, for peer: Endpoint, _ record: SwarmRecord?, source: IPAddress
    ) {
        let seconds = max(1, policy.interval.components.seconds)
        let jitter = Int64.random(in: 0...seconds / 8, using: &chance)
        answer.interval = UInt32(clamping: seconds + jitter)
        answer.minInterval = UInt32(clamping: min(policy.minInterval.components.seconds, seconds))
        answer.complete = UInt32(clamping: record?.seeders ?? 0)
        answer.incomplete = UInt32(clamping: record?.leechers ?? 0)
        answer.downloaded = record?.downloaded ?? 0
        // That it is 127.0.0.1 to somebody is nothing that a peer could use.
        answer.externalAddress = source.isLoopback ? nil : source
    }

    private mutating func refuse(_ refusal: TrackerRefusal) -> TrackerRefusal {
        counters.refused += 1
        return refusal
    }

    // MARK: Time

    /// Forgets peers that went silent and torrents that nobody shares, looking at `budget` of them at most. Called
    /// every second with `expiryBudget`, it gets round once a minute.
    package mutating func expire(at now: Moment, budget: Int) {
        let minute = Minute(now)
        let lifetime = min(Int(policy.peerLifetime.components.seconds / 60), Minute.horizon)
        // A stranger could fill the table with torrents that have one download and no peer; those make room first.
        let isCrowded = table.count > policy.limits.torrents / 2
        let memory = isCrowded ? 0 : Int(policy.limits.emptyTorrentLifetime.components.seconds / 60)
        let removed = table.expire(budget: budget, now: minute, lifetime: lifetime) { record in
            record.downloaded == 0 || minute.since(record.minute) >= min(memory, Minute.horizon)
        }
        counters.expired += UInt64(removed)
    }

    /// What a call of `expire` a second may look at.
    package var expiryBudget: Int { max(512, (table.peers + 2 * table.slots.count) / 60 + 1) }

    // MARK: Names and figures

    /// Says what a torrent is called, for the people who look at the tracker; nil takes it back.
    package mutating func register(name: String?, for infoHash: InfoHash) {
        names[infoHash] = name.map { String($0.prefix(policy.limits.nameBytes)) }
    }

    package var torrentCount: Int { table.count }
    package var seederCount: Int { table.seeders }
    package var leecherCount: Int { table.leechers }
    /// Whole downloads, each peer's once; those that an earlier run counted come with its snapshot.
    package var downloadCount: Int { table.downloads }

    /// The swarms with the most peers, largest first, at most `limit`, out of the first `scanning` slots: so that a
    /// page costs the same however many there are.
    package func largestSwarms(limit: Int, scanning: Int = 50_000, at now: Moment) -> [SwarmFigures] {
        let minute = Minute(now)
        var found: [SwarmFigures] = []
        for case let record? in table.slots.prefix(scanning) {
            if found.count >= 4 * limit { found = Self.largest(found, limit) }
            found.append(
                SwarmFigures(
                    infoHash: record.infoHash, name: nil, counts: record.counts,
                    silentMinutes: minute.since(record.minute)))
        }
        return Self.largest(found, limit).map { figures in
            var figures = figures
            figures.name = names[figures.infoHash]
            return figures
        }
    }

    private static func largest(_ figures: [SwarmFigures], _ limit: Int) -> [SwarmFigures] {
        Array(figures.sorted { $0.rank > $1.rank }.prefix(limit))
    }
}
