package import TorrentCore

// A snapshot is taken a stretch at a time, between requests: each swarm is as of its own moment, and a large one comes
// in several parts. `SwarmCursor` sees to it that what is there all the while is in it exactly once.

extension Tracker {
    /// Appends a frame with the swarms and peers from `cursor` on, until it has about `budget` of them; where to go on,
    /// or nil at the end.
    package func appendFrame(
        from cursor: SwarmCursor, budget: Int, at now: Moment, to output: inout [UInt8]
    ) -> SwarmCursor? {
        var record = SwarmRecord.Builder(at: clock.peek(now))
        var records: [UInt8] = []
        var (cursor, left, hasMore) = (cursor, budget, true)
        while left > 0, hasMore {
            for step in table.steps(from: cursor) where left > 0 {
                let swarm = table.swarm(step.place)
                // Otherwise it is the swarm in which, or after which, the last frame ended.
                if cursor.tag != step.tag || cursor.infoHash != swarm.infoHash {
                    cursor = SwarmCursor(step.tag, swarm.infoHash)
                }
                if cursor.family > 1 { continue }
                left -= append(swarm, &record, &cursor, budget: left, to: &records)
            }
            if left > 0 { hasMore = table.advance(&cursor) }
        }
        TrackerSnapshot.appendFrame(records, to: &output)
        return hasMore ? cursor : nil
    }

    /// Ends a snapshot whose frames had so many bytes.
    package func appendEnd(frameBytes: Int, to output: inout [UInt8]) {
        TrackerSnapshot.appendEnd(downloads: table.downloads, frameBytes: frameBytes, to: &output)
    }

    /// What there is of a swarm from the cursor on, within the budget; how much of that was spent.
    private func append(
        _ swarm: SwarmView, _ record: inout SwarmRecord.Builder, _ cursor: inout SwarmCursor, budget: Int,
        to output: inout [UInt8]
    ) -> Int {
        let isBeginning = !cursor.isWithinSwarm
        // Each call comes further, or a small budget would never come to the end.
        var spent = 0
        if cursor.family == 0 {
            spent += table.walk(swarm, &cursor, budget: budget) { (peer: PeerEntryV4, isSeeder) in
                record.add(peer, isSeeder: isSeeder)
            }
        }
        if cursor.family == 1, spent < budget || swarm.large == nil {
            spent += table.walk(swarm, &cursor, budget: budget - spent) { (peer: PeerEntryV6, isSeeder) in
                record.add(peer, isSeeder: isSeeder)
            }
        }
        // A swarm without peers is stored for its downloads.
        if isBeginning || !record.isEmpty { record.finish(swarm, to: &output) }
        return spent + 1
    }

    // MARK: Reading

    /// Takes in the swarms of a snapshot, less the peers that have outlived themselves since; if it is damaged, nothing
    /// is taken in. `secondsSince1970` is the time now, by a clock that may be wrong.
    @discardableResult
    package mutating func restore(
        _ bytes: RawSpan, secondsSince1970: Int64, at now: Moment
    ) throws(TrackerSnapshotError) -> RestoredSnapshot {
        // Read once to check that it is complete.
        let summary = try TrackerSnapshot.read(bytes) { records throws(TrackerSnapshotError) in
            var offset = 0
            while offset < records.byteCount { offset = try SwarmRecord(records, at: offset).end }
        }
        var restored = RestoredSnapshot()
        restored.isOldVersion = summary.version == TrackerSnapshot.oldVersion
        restored.rest = TrackerSnapshot.rest(from: summary.writtenAt, to: secondsSince1970)
        let minute = clock.minute(at: now)
        _ = try TrackerSnapshot.read(bytes) { records throws(TrackerSnapshotError) in
            var offset = 0
            while offset < records.byteCount {
                let record = try SwarmRecord(records, at: offset)
                take(record, of: records, minute, &restored)
                offset = record.end
            }
        }
        table.downloads = max(table.downloads, summary.downloads)
        return restored
    }

    private mutating func take(
        _ record: SwarmRecord, of bytes: RawSpan, _ now: Minute, _ restored: inout RestoredSnapshot
    ) {
        let rest = Int((restored.rest ?? .zero).components.seconds / 60)
        let minute = now.back(min(record.silence + rest, Minute.longAgo))
        guard let place = try? table.makePlace(of: record.infoHash, at: minute, policy.limits) else {
            restored.refused += 1
            return
        }
        table.raiseDownloads(place, to: record.downloaded)
        let (lifetime, limits) = (policy.lifetimeMinutes, policy.limits)
        record.forEachPeer(in: bytes) { endpoint, marks, isSeeder in
            let silence = Int(marks.bits >> 1) + rest
            guard silence <= lifetime else {
                restored.silentPeers += 1
                return
            }
            let news = SwarmTable.News(
                isSeeder: isSeeder, minute: now.back(silence), countsDownload: marks.isCounted, isRestored: true)
            guard let endpoint, (try? table.upsert(endpoint, of: record.infoHash, news, limits: limits)) != nil else {
                restored.refused += 1
                return
            }
            restored.peers += 1
        }
    }
}
