package import TorrentCore

// A snapshot is taken a stretch at a time, between requests: each swarm is as of its own moment, and a large one comes
// in many parts. What moved meanwhile may be in it twice, which reading adds up to the same.

extension Tracker {
    /// Appends a frame with the swarms from `cursor` on, until it has about `budget` peers; where to go on, or nil at
    /// the end.
    package func appendFrame(
        from cursor: SwarmCursor, budget: Int, at now: Moment, to output: inout [UInt8]
    ) -> SwarmCursor? {
        let minute = Minute(now)
        var swarms: [UInt8] = []
        var (cursor, left, hasMore) = (cursor, budget, true)
        while left > 0, hasMore {
            table.renew(&cursor)
            while cursor.slot < SwarmIndex.slotCount, left > 0 {
                if let place = table.index.place(inSegmentOf: cursor.tag, position: cursor.slot) {
                    let swarm = table.swarm(place)
                    if let large = swarm.large {
                        guard appendPart(of: swarm, large, &cursor, &left, at: minute, to: &swarms) else { break }
                    } else {
                        Self.append(swarm, at: minute, to: &swarms)
                        left -= swarm.peers
                    }
                    left -= 1
                }
                cursor.slot += 1
            }
            if cursor.slot == SwarmIndex.slotCount { hasMore = table.advance(&cursor) }
        }
        TrackerSnapshot.appendFrame(swarms, to: &output)
        return hasMore ? cursor : nil
    }

    /// Info hash, downloads, minutes of silence, four counts; then the peers, IPv4 first, seeders first: address, port,
    /// and minutes of silence in the upper 15 bits, with the mark of a counted download in the lowest.
    private static func append(_ swarm: SwarmView, at now: Minute, to output: inout [UInt8]) {
        let counts = [swarm.seeders(0), swarm.leechers(0), swarm.seeders(1), swarm.leechers(1)]
        appendHead(swarm, counts, at: now, to: &output)
        for position in 0..<swarm.peers(0) {
            append(swarm.block.entry(position) as PeerEntryV4, at: now, to: &output)
        }
        for position in 0..<swarm.peers(1) {
            append(swarm.block.entry(position) as PeerEntryV6, at: now, to: &output)
        }
    }

    private static func appendHead(_ swarm: SwarmView, _ counts: [Int], at now: Minute, to output: inout [UInt8]) {
        swarm.infoHash.bytes.append(to: &output)
        output.appendBigEndian(swarm.downloaded)
        output.appendBigEndian(UInt16(now.since(swarm.minute)))
        for count in counts { output.appendBigEndian(UInt32(count)) }
    }

    /// Bucket after bucket of a large swarm, each as a swarm of its own; false if the budget ended before.
    private func appendPart(
        of swarm: SwarmView, _ large: LargeSwarm, _ cursor: inout SwarmCursor, _ left: inout Int, at now: Minute,
        to output: inout [UInt8]
    ) -> Bool {
        while cursor.set < 4 {
            while cursor.bucket < large.sets[cursor.set].buckets.count {
                guard left > 0 else { return false }
                let size = Int(large.sets[cursor.set].buckets[cursor.bucket].count)
                var counts = [0, 0, 0, 0]
                counts[cursor.set] = size
                Self.appendHead(swarm, counts, at: now, to: &output)
                if cursor.set < 2 {
                    table.large.forEachPeer(large, cursor.set, cursor.bucket) { (peer: PeerEntryV4) in
                        Self.append(peer, at: now, to: &output)
                    }
                } else {
                    table.large.forEachPeer(large, cursor.set, cursor.bucket) { (peer: PeerEntryV6) in
                        Self.append(peer, at: now, to: &output)
                    }
                }
                left -= size + 1
                cursor.bucket += 1
            }
            (cursor.set, cursor.bucket) = (cursor.set + 1, 0)
        }
        (cursor.set, cursor.bucket) = (0, 0)
        return true
    }

    private static func append(_ peer: some PeerEntry, at now: Minute, to output: inout [UInt8]) {
        peer.endpoint.appendCompact(to: &output)
        output.appendBigEndian(UInt16(now.since(peer.marks.minute)) << 1 | (peer.marks.isCounted ? 1 : 0))
    }

    // MARK: Reading

    /// Takes in the swarms of a snapshot, less the peers that have outlived themselves since; if it is damaged, nothing
    /// is taken in. `secondsSince1970` is the time now.
    package mutating func restore(
        _ bytes: RawSpan, secondsSince1970: Int64, at now: Moment
    ) throws(TrackerSnapshotError) {
        // Once through to see that it is whole.
        let written = try TrackerSnapshot.read(bytes) { swarms throws(TrackerSnapshotError) in
            var offset = 0
            while offset < swarms.byteCount { offset = try Self.Record(swarms, at: offset).end }
        }
        // A clock that was put back must not make peers younger than they are.
        let age = Int(clamping: max(0, secondsSince1970 - written) / 60)
        _ = try TrackerSnapshot.read(bytes) { swarms throws(TrackerSnapshotError) in
            var offset = 0
            while offset < swarms.byteCount {
                let record = try Self.Record(swarms, at: offset)
                take(record, of: swarms, age: age, now: Minute(now))
                offset = record.end
            }
        }
    }

    /// Where the parts of a swarm are in a frame.
    private struct Record {
        let infoHash: InfoHash
        let downloaded: UInt32
        let silence: Int
        let counts: [Int]
        let peers: Int
        let end: Int

        init(_ bytes: RawSpan, at offset: Int) throws(TrackerSnapshotError) {
            guard bytes.byteCount - offset >= 42, let infoHash = InfoHash(bytes, at: offset) else {
                throw .damaged(at: offset)
            }
            self.infoHash = infoHash
            downloaded = bytes.uint32(at: offset + 20)
            silence = Int(bytes.uint16(at: offset + 24))
            counts = (0..<4).map { Int(bytes.uint32(at: offset + 26 + $0 * 4)) }
            peers = offset + 42
            let length = (counts[0] + counts[1]) * 8 + (counts[2] + counts[3]) * 20
            guard bytes.byteCount - peers >= length else { throw .damaged(at: offset) }
            end = peers + length
        }
    }

    private mutating func take(_ record: Record, of bytes: RawSpan, age: Int, now: Minute) {
        let silence = record.silence + age
        guard silence < Minute.horizon,
            let place = try? table.makePlace(of: record.infoHash, at: now.back(silence), policy.limits)
        else { return }
        table.raiseDownloads(place, to: record.downloaded)
        let lifetime = Int(policy.peerLifetime.components.seconds / 60)
        var offset = record.peers
        for (position, addressLength) in [4, 4, 16, 16].enumerated() {
            for _ in 0..<record.counts[position] {
                let marks = PeerMarks(bits: bytes.uint16(at: offset + addressLength + 2))
                let endpoint = Endpoint(compact: bytes.extracting(offset..<offset + addressLength + 2))
                offset += addressLength + 4
                let silence = Int(marks.bits >> 1) + age
                guard silence <= lifetime, let endpoint else { continue }
                let news = SwarmTable.News(
                    isSeeder: position.isMultiple(of: 2), minute: now.back(silence), countsDownload: marks.isCounted,
                    isRestored: true)
                _ = try? table.upsert(endpoint, of: record.infoHash, news, limits: policy.limits)
            }
        }
    }
}
