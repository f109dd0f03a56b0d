import Testing
import TorrentCore

@testable import TrackerEngine

/// A tracker beside dictionaries that are told the same: the naive model of what it ought to know.
///
/// Whoever has been silent for too long is in limbo until expiry has surely been round: it may be there or not, and is
/// left alone until then.
final class TrackerModel {
    struct Peer {
        var minute: Int64
        var isSeeder: Bool
        var isCounted: Bool
    }

    struct Swarm {
        var peers: [Endpoint: Peer] = [:]
        var limbo = 0
        var downloads = 0

        var seeders: Int { peers.values.count { $0.isSeeder } }
    }

    private(set) var tracker = Tracker(seed: 11)
    private var seed: UInt64 = 11
    private(set) var swarms: [Int: Swarm] = [:]
    private(set) var now = Moment(nanoseconds: 1_000_000_000_000)
    private(set) var peerCount = 0
    private(set) var limbo = 0
    private var downloads = 0
    private var latestMinute: Int64 = 0
    private var answer = PackedAnnounceResponse()
    /// When expiry will surely have been round.
    private var roundsToClear: UInt64?
    /// Who has gone since the snapshot under way began, and who has come.
    private(set) var gone: Set<SnapshotWalkTests.Member> = []
    private(set) var come: Set<SnapshotWalkTests.Member> = []

    /// Minutes for which a peer may be silent.
    static let lifetime: Int64 = 34

    /// The tracker's minute: it never goes back.
    private var minute: Int64 { max(latestMinute, now.minutes) }

    private func isOld(_ peer: Peer) -> Bool { minute - peer.minute > Self.lifetime }

    // MARK: What is told

    /// Announces a peer, unless it is in limbo. `checks` has the answer looked at.
    func announce(_ torrent: Int, _ endpoint: Endpoint, left: Int64, _ event: AnnounceEvent, checks: Bool) throws {
        let known = swarms[torrent]?.peers[endpoint]
        if let known, isOld(known) { return }
        latestMinute = minute
        let member = SnapshotWalkTests.Member(torrent: UInt64(torrent), endpoint: endpoint)
        if event == .stopped {
            if known != nil {
                swarms[torrent]?.peers[endpoint] = nil
                peerCount -= 1
                gone.insert(member)
            }
        } else {
            var peer = Peer(minute: minute, isSeeder: left == 0, isCounted: known?.isCounted ?? false)
            if event == .completed, !peer.isCounted {
                peer.isCounted = true
                swarms[torrent, default: Swarm()].downloads += 1
                downloads += 1
            }
            swarms[torrent, default: Swarm()].peers[endpoint] = peer
            if known == nil {
                peerCount += 1
                come.insert(member)
            }
        }
        let request = AnnounceRequest(
            infoHash: TrackerStage.hash(torrent), peerID: PeerID(.zero), port: endpoint.port, left: left, event: event,
            numberWanted: checks ? 30 : 0)
        let origin = RequestOrigin(connection: endpoint.address)
        try tracker.announce(request, from: origin, at: now, answer: &answer)
        if checks { checkAnswer(torrent, endpoint, isSeeder: left == 0, event) }
    }

    private func checkAnswer(_ torrent: Int, _ asker: Endpoint, isSeeder: Bool, _ event: AnnounceEvent) {
        let swarm = swarms[torrent] ?? Swarm()
        var told: [Endpoint] = []
        answer.forEachPeer { told.append($0) }
        if Set(told).count != told.count { Issue.record("somebody is told of twice") }
        if told.contains(asker) { Issue.record("\(asker) is told of itself") }
        let seeds = told.count { swarm.peers[$0]?.isSeeder == true && swarm.peers[$0].map(isOld) == false }
        let isRight = told.allSatisfy { swarm.peers[$0] != nil } && (!isSeeder || seeds <= 10)
        if !isRight { Issue.record("\(asker) is told of somebody who is no use or is not there") }
        let others = swarm.peers.filter { $0.key != asker }
        let leechers = others.values.count { !$0.isSeeder }
        if event == .stopped {
            if !told.isEmpty { Issue.record("who stops is told of somebody") }
        } else if swarm.limbo == 0, swarm.peers.count <= 20 {
            // Who lacks nothing gets leechers, and seeders when it comes or if there is nobody else.
            let wantsSeeders = event == .started || leechers == 0
            let count = isSeeder ? leechers + (wantsSeeders ? min(10, others.count - leechers) : 0) : others.count
            if told.count != min(30, count) { Issue.record("told of \(told.count) of \(count)") }
            if isSeeder, !wantsSeeders, seeds > 0 { Issue.record("a seeder is told of a seeder") }
        }
        let seeders = swarm.seeders
        checkCounts(
            torrent,
            ScrapeCounts(
                complete: Int(answer.complete), incomplete: Int(answer.incomplete), downloaded: Int(answer.downloaded)),
            seeders, swarm)
    }

    func checkScrape(_ torrent: Int) {
        let swarm = swarms[torrent] ?? Swarm()
        checkCounts(torrent, tracker.scrape(TrackerStage.hash(torrent)), swarm.seeders, swarm)
    }

    private func checkCounts(_ torrent: Int, _ counts: ScrapeCounts, _ seeders: Int, _ swarm: Swarm) {
        let leechers = swarm.peers.count - seeders
        let isRight =
            (seeders - swarm.limbo...seeders).contains(counts.complete)
            && (leechers - swarm.limbo...leechers).contains(counts.incomplete) && counts.downloaded == swarm.downloads
        if !isRight {
            Issue.record("torrent \(torrent): \(counts), not \(seeders), \(leechers), \(swarm.downloads)")
        }
    }

    // MARK: Time

    /// Lets time pass, or go back a little.
    func jump(_ duration: Duration) {
        now = now + duration
        var limbo = 0
        for torrent in swarms.keys {
            let old = swarms[torrent]?.peers.values.count { isOld($0) } ?? 0
            swarms[torrent]?.limbo = old
            limbo += old
        }
        self.limbo = limbo
        roundsToClear = nil
    }

    func expire(budget: Int) {
        latestMinute = minute
        tracker.expire(at: now, budget: budget)
        // One round that is under way, one whole one, and one for what was moved behind its back.
        let end = roundsToClear ?? tracker.table.rounds + 3
        roundsToClear = end
        guard tracker.table.rounds >= end, limbo > 0 else { return }
        removeOld()
    }

    /// Has expiry go round until all is certain, then holds everything against the model.
    func settle() {
        roundsToClear = nil
        let end = tracker.table.rounds + 4
        while tracker.table.rounds < end { expire(budget: 5_000) }
        removeOld()
        check()
    }

    private func removeOld() {
        for (torrent, swarm) in swarms where swarm.limbo > 0 {
            for (endpoint, peer) in swarm.peers where isOld(peer) {
                swarms[torrent]?.peers[endpoint] = nil
                peerCount -= 1
                gone.insert(SnapshotWalkTests.Member(torrent: UInt64(torrent), endpoint: endpoint))
            }
            swarms[torrent]?.limbo = 0
        }
        limbo = 0
    }

    /// Everything, when nobody is in limbo.
    func check() {
        #expect(limbo == 0)
        for torrent in swarms.keys { checkScrape(torrent) }
        #expect(tracker.seederCount + tracker.leecherCount == peerCount)
        #expect(tracker.seederCount == swarms.values.reduce(0) { $0 + $1.seeders })
        #expect(tracker.downloadCount == downloads)
        #expect(tracker.torrentCount == swarms.values.count { !$0.peers.isEmpty || $0.downloads > 0 })
    }

    // MARK: Snapshots

    private var members: Set<SnapshotWalkTests.Member> {
        var members: Set<SnapshotWalkTests.Member> = []
        for (torrent, swarm) in swarms {
            for endpoint in swarm.peers.keys {
                members.insert(SnapshotWalkTests.Member(torrent: UInt64(torrent), endpoint: endpoint))
            }
        }
        return members
    }

    /// Takes a snapshot with `between` after each frame: what was there all the while is in it exactly once.
    func snapshot(budget: Int, _ between: () throws -> Void) throws {
        let before = members
        (gone, come) = ([], [])
        var frames: [UInt8] = []
        var cursor: SwarmCursor? = SwarmCursor()
        while let from = cursor {
            cursor = tracker.appendFrame(from: from, budget: budget, at: now, to: &frames)
            try between()
        }
        let found = SnapshotWalkTests.members(inFrames: frames)
        // Those in limbo may have gone.
        let stayed = before.subtracting(gone).filter { member in
            swarms[Int(member.torrent)]?.peers[member.endpoint].map { !isOld($0) } ?? false
        }
        let lost = stayed.count { found[$0] == nil }
        #expect(lost == 0, "\(lost) of \(stayed.count) are lost")
        #expect(found.values.allSatisfy { $0 == 1 }, "somebody is in it twice")
        #expect(found.keys.allSatisfy { before.contains($0) || come.contains($0) })
        (gone, come) = ([], [])
    }

    /// Goes on with another tracker, which has read this one's snapshot after a rest of so many minutes.
    func restart(after rest: Int64) throws {
        var bytes: [UInt8] = []
        TrackerSnapshot.appendHeader(secondsSince1970: 1_800_000_000, to: &bytes)
        let start = bytes.count
        var cursor: SwarmCursor? = SwarmCursor()
        while let from = cursor {
            cursor = tracker.appendFrame(from: from, budget: 3_000, at: now, to: &bytes)
        }
        tracker.appendEnd(frameBytes: bytes.count - start, to: &bytes)
        // The other one has not seen a later time.
        now = max(now, Moment(nanoseconds: latestMinute * 60_000_000_000))
        jump(.seconds(60 * rest))
        // As a new process does: with the same one, all peers would come in the order of their buckets.
        seed += 1
        tracker = Tracker(seed: seed)
        let restored = try bytes.withBytes { span in
            try tracker.restore(span, secondsSince1970: 1_800_000_000 + 60 * rest, at: now)
        }
        #expect(restored.refused == 0)
        removeOld()
        settle()
    }
}
