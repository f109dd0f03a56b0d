package import TorrentCore

/// The brain of a tracker: who is in which swarm, and who is told of whom.
///
/// It holds no socket and no clock: requests come parsed, with the time, and the answer is filled into a value that the
/// shell uses again and again.
// @unchecked: it cannot be copied, and nobody else has a reference to what it refers to.
package struct Tracker: ~Copyable, @unchecked Sendable {
    package var policy: TrackerPolicy {
        didSet { seconds = Self.seconds(policy) }
    }
    // Of the policy, in seconds: dividing durations takes longer than finding a peer.
    private var seconds: (interval: UInt64, minInterval: UInt64)
    /// What others call this machine; kept up to date by the shell.
    package var host = HostAddresses()
    package private(set) var counters = TrackerCounters()
    var table: SwarmTable
    var clock = TableClock()
    /// What the tracker offers; empty for one that tracks alone.
    package var catalogue = Catalogue()
    private var names: [InfoHash: String] = [:]
    private var peerIDs: PeerIDCache
    private var chance: SplitMix64

    /// The same seed and requests give the same answers.
    package init(policy: TrackerPolicy = TrackerPolicy(), seed: UInt64) {
        self.policy = policy
        seconds = Self.seconds(policy)
        chance = SplitMix64(seed: seed)
        table = SwarmTable(seed: seed)
        peerIDs = PeerIDCache(key: table.key)
    }

    private static func seconds(_ policy: TrackerPolicy) -> (interval: UInt64, minInterval: UInt64) {
        let interval = UInt64(clamping: max(1, policy.interval.components.seconds))
        return (interval, min(UInt64(clamping: policy.minInterval.components.seconds), interval))
    }

    // MARK: Requests

    /// Prefetches what an announce of the torrent reads first. Pass the result to `fetchSwarmAhead` some announces
    /// later, when that memory has arrived. Mutating only in name: a borrowed tracker would be copied for the call.
    package mutating func fetchIndexAhead(_ infoHash: InfoHash) -> UInt32 { table.fetchIndexAhead(infoHash) }

    /// Prefetches the swarm.
    package mutating func fetchSwarmAhead(_ tag: UInt32) { table.fetchSwarmAhead(tag) }

    /// Records an announce and fills in the answer.
    package mutating func announce(
        _ request: AnnounceRequest, from origin: RequestOrigin, at now: Moment,
        answer: inout PackedAnnounceResponse
    ) throws(TrackerRefusal) {
        counters.announces += 1
        answer.removePeers()
        let source = policy.source(of: origin)
        let asker = asker(request, origin, source)
        let peer = asker.endpoint
        guard !peer.address.isUnspecified, !peer.address.isMulticast else { throw refuse(.badAddress) }
        let number = catalogue.number(of: request.infoHash)
        if number == nil, policy.isListedOnly { throw refuse(.notListed) }
        let place: SwarmIndex.Place?
        if request.event == .stopped {
            counters.stopped += 1
            place = table.place(of: request.infoHash)
            if let place { remove(asker, place) }
        } else if peer.port != 0 {
            place = try note(asker, request, at: clock.minute(at: now))
        } else {
            place = table.place(of: request.infoHash)
        }
        let swarm = place.map { table.swarm($0) }
        if let number { noteName(peer, request, of: number, at: now) }
        fill(&answer, swarm, source: source)
        guard request.event != .stopped, let swarm else { return }
        let wanted = min(max(0, request.numberWanted ?? policy.peersByDefault), policy.peersAtMost)
        let selection = PeerSelection(
            asker, isSeeder: request.isSeeder, wanted: wanted, packetBytes: origin.packetBytes)
        if selection.room == 0 {
            // No peers are wanted.
        } else if selection.isPlain(in: swarm) {
            selection.fillPlain(&answer, from: swarm, of: &table, using: &chance)
        } else {
            tell(selection, of: swarm, in: &answer)
        }
        if request.isSeeder, request.event == .started || answer.peerCount == 0 {
            tellSeeders(selection, of: swarm, in: &answer)
        }
        if request.wantsPeerIDs { swarm.block.tellsPeerIDs = true }
        if swarm.block.tellsPeerIDs { tellPeerIDs(request, peer, in: &answer) }
    }

    /// Notes the id of one peer, and fills in those of the others if they are asked for. Who has another name for the
    /// asker is known by none.
    private mutating func tellPeerIDs(
        _ request: AnnounceRequest, _ peer: Endpoint, in answer: inout PackedAnnounceResponse
    ) {
        peerIDs.note(request.peerID, of: peer, in: request.infoHash)
        guard request.wantsPeerIDs else { return }
        var found: [PeerID?] = []
        answer.forEachPeer { found.append(peerIDs.id(of: $0, in: request.infoHash)) }
        answer.peerIDs = found
    }

    /// Fills in peers some of which the asker knows by another address, or are the asker under another address.
    private mutating func tell(
        _ selection: PeerSelection, of swarm: SwarmView, in answer: inout PackedAnnounceResponse
    ) {
        if selection.asker.hasOneName, selection.asker.place.isLoopback {
            // On the tracker's machine everybody is reached by the name that is known, and whoever has another port
            // than the asker is not the asker.
            selection.fillPlain(&answer, from: swarm, of: &table, using: &chance)
            if !answer.hasPeer(at: selection.asker.endpoint.port) { return }
            answer.removePeers()
        }
        var telling = Telling(selection, Surroundings(host: host, external: policy.externalAddresses))
        telling.fill(&answer, from: swarm, of: &table, using: &chance)
    }

    /// Adds a few seeders to the answer for one who lacks nothing, if there is room.
    private mutating func tellSeeders(
        _ selection: PeerSelection, of swarm: SwarmView, in answer: inout PackedAnnounceResponse
    ) {
        let seeders = selection.seeders(besides: answer.peerCount)
        guard seeders.room > 0, swarm.seeders > 0 else { return }
        if seeders.isPlain(in: swarm) { return seeders.fillPlain(&answer, from: swarm, of: &table, using: &chance) }
        var telling = Telling(seeders, Surroundings(host: host, external: policy.externalAddresses))
        telling.add(to: &answer, from: swarm, of: &table, using: &chance)
    }

    /// The counts of a torrent; zeros if nobody knows it.
    package mutating func scrape(_ infoHash: InfoHash) -> ScrapeCounts {
        counters.scrapedTorrents += 1
        return table.place(of: infoHash).map { table.swarm($0).counts } ?? ScrapeCounts()
    }

    private mutating func note(
        _ asker: Asker, _ request: AnnounceRequest, at minute: Minute
    ) throws(TrackerRefusal) -> SwarmIndex.Place {
        switch request.event {
        case .started: counters.started += 1
        case .completed: counters.completed += 1
        case .none, .stopped: break
        }
        var news = SwarmTable.News(
            isSeeder: request.isSeeder, minute: minute, countsDownload: request.event == .completed)
        let place: SwarmIndex.Place
        do throws(TrackerRefusal) {
            place = try table.upsert(asker.endpoint, of: request.infoHash, news, limits: policy.limits)
        } catch {
            throw refuse(error)
        }
        if let other = asker.other {
            news.countsDownload = false
            _ = try? table.upsert(other, of: request.infoHash, news, limits: policy.limits)
        }
        return place
    }

    private mutating func remove(_ asker: Asker, _ place: SwarmIndex.Place) {
        _ = table.remove(asker.endpoint, at: place)
        if let other = asker.other { _ = table.remove(other, at: place) }
    }

    private mutating func asker(_ request: AnnounceRequest, _ origin: RequestOrigin, _ source: IPAddress) -> Asker {
        let isAnonymous = policy.isAnonymous(origin)
        guard request.namesAddress || isAnonymous else { return Asker(at: source, port: request.port) }
        let address = policy.address(of: request, from: origin)
        // The address of a proxy that does not say for whom it speaks is nobody's.
        let isNowhere = isAnonymous && address == origin.connection
        return Asker(
            Endpoint(address, port: isNowhere ? 0 : request.port), place: isAnonymous ? address : source,
            other: other(request, origin, than: address))
    }

    /// Where else the peer says it listens (BEP 7): in the other family than that of its connection, and only if we
    /// would believe its address, or anybody could name a victim. Asked of those alone that name one: the tracker is
    /// copied for the call.
    private func other(_ request: AnnounceRequest, _ origin: RequestOrigin, than address: IPAddress) -> Endpoint? {
        guard policy.believes(origin) else { return nil }
        guard let other = address.isV4 ? request.otherIPv6 : request.otherIPv4, other.port != 0,
            !other.address.isUnspecified, !other.address.isMulticast
        else { return nil }
        return other
    }

    private mutating func fill(_ answer: inout PackedAnnounceResponse, _ swarm: SwarmView?, source: IPAddress) {
        let jitter = chance.next().multipliedFullWidth(by: seconds.interval / 8 + 1).high
        answer.interval = UInt32(clamping: seconds.interval + jitter)
        answer.minInterval = UInt32(clamping: seconds.minInterval)
        answer.complete = UInt32(clamping: swarm?.seeders ?? 0)
        answer.incomplete = UInt32(clamping: swarm?.leechers ?? 0)
        answer.downloaded = swarm?.downloaded ?? 0
        // No peer can use the information that somebody knows it as 127.0.0.1.
        answer.externalAddress = source.isLoopback ? nil : source
    }

    private mutating func refuse(_ refusal: TrackerRefusal) -> TrackerRefusal {
        counters.refused += 1
        return refusal
    }

    // MARK: Time

    /// Removes silent peers and torrents without peers, looking at `budget` of them at most. With `expiryBudget` a
    /// second, a round takes a minute.
    package mutating func expire(at now: Moment, budget: Int) {
        let (minute, memory, rounds) = (clock.minute(at: now), policy.limits.memory(with: table.count), table.rounds)
        let removed = table.expire(budget: budget, now: minute, lifetime: policy.lifetimeMinutes) { swarm in
            swarm.downloaded == 0 || memory.map { minute.since(swarm.minute) >= $0 } ?? false
        }
        counters.expired += UInt64(removed)
        catalogue.expireNames(minute, lifetime: policy.lifetimeMinutes)
        if table.rounds != rounds { clock.finishRound() }
    }

    /// What `expire` may look at in a second, in as many calls as the shell likes.
    package var expiryBudget: Int { max(512, table.roundCost / 60 + 1) }

    // MARK: Names and figures

    /// Sets a torrent's name for people who look at the tracker; nil removes it.
    package mutating func register(name: String?, for infoHash: InfoHash) {
        names[infoHash] = name.map { String($0.prefix(policy.limits.nameBytes)) }
    }

    /// Torrents that are remembered, those without peers too.
    package var torrentCount: Int { table.count }
    /// Peers with `left` 0, of all torrents.
    package var seederCount: Int { table.seeders }
    /// All other peers, of all torrents.
    package var leecherCount: Int { table.leechers }
    /// Whole downloads, each peer's once; those that an earlier run counted come with its snapshot.
    package var downloadCount: Int { table.downloads }

    /// The swarms with the most peers, largest first, at most `limit`, out of about `scanning` ones: so that a page
    /// costs the same however many there are.
    package func largestSwarms(limit: Int, scanning: Int = 16_384, at now: Moment) -> [TrackedSwarm] {
        let minute = clock.peek(now)
        var found: [TrackedSwarm] = []
        var left = scanning
        var cursor = SwarmCursor()
        repeat {
            table.forEachSwarm(inSegmentOf: cursor) { swarm in
                left -= 1
                found.append(
                    TrackedSwarm(
                        infoHash: swarm.infoHash, name: nil, counts: swarm.counts,
                        silence: .seconds(60 * minute.since(swarm.minute))))
            }
            if found.count >= 4 * limit { found = Self.largest(found, limit) }
        } while left > 0 && table.advance(&cursor)
        return Self.largest(found, limit).map { figures in
            var figures = figures
            figures.name = names[figures.infoHash]
            return figures
        }
    }

    private static func largest(_ figures: [TrackedSwarm], _ limit: Int) -> [TrackedSwarm] {
        Array(figures.sorted { $0.rank > $1.rank }.prefix(limit))
    }
}

extension AnnounceRequest {
    /// Applies to dictionaries; a packet has no ids.
    fileprivate var wantsPeerIDs: Bool { !wantsCompact && !omitsPeerIDs }
    fileprivate var namesAddress: Bool { address != nil || otherIPv4 != nil || otherIPv6 != nil }
}
