package import TorrentCore

// A snapshot is taken a stretch of slots at a time, between requests: each swarm is whole as of its own moment. One
// that moved to another slot meanwhile may be in it twice, which reading adds up to the same.

extension Tracker {
    /// Appends a frame with the swarms from `slot` on, until it has about `budget` peers; where to go on, or nil at the
    /// end.
    package func appendFrame(
        fromSlot slot: Int, budget: Int, at now: Moment, to output: inout [UInt8]
    ) -> Int? {
        let minute = Minute(now)
        var swarms: [UInt8] = []
        var (at, left) = (slot, budget)
        while at < table.slots.count, left > 0 {
            if let record = table.slots[at] {
                Self.append(record, at: minute, to: &swarms)
                left -= record.peers
            }
            left -= 1
            at += 1
        }
        TrackerSnapshot.appendFrame(swarms, to: &output)
        return at < table.slots.count ? at : nil
    }

    /// Takes in the swarms of a snapshot, less the peers that have outlived themselves since; if it is damaged, nothing
    /// is taken in. `secondsSince1970` is the time now.
    package mutating func restore(
        _ bytes: RawSpan, secondsSince1970: Int64, at now: Moment
    ) throws(TrackerSnapshotError) {
        var restored = self
        let written = try TrackerSnapshot.read(bytes) { _ throws(TrackerSnapshotError) in }
        // A clock that was put back must not make peers younger than they are.
        let age = Int(clamping: max(0, secondsSince1970 - written) / 60)
        _ = try TrackerSnapshot.read(bytes) { swarms throws(TrackerSnapshotError) in
            var offset = 0
            while offset < swarms.byteCount {
                try restored.take(swarms, at: &offset, age: age, now: Minute(now))
            }
        }
        self = restored
    }

    /// Info hash, downloads, minutes of silence, four counts; then the peers, IPv4 first, seeders first: address, port,
    /// and minutes of silence in the upper 15 bits, with the mark of a counted download in the lowest.
    private static func append(_ record: SwarmRecord, at now: Minute, to output: inout [UInt8]) {
        record.infoHash.bytes.append(to: &output)
        output.appendBigEndian(record.downloaded)
        output.appendBigEndian(UInt16(now.since(record.minute)))
        for count in [record.v4.seeders, record.v4.leechers, record.v6.seeders, record.v6.leechers] {
            output.appendBigEndian(UInt32(count))
        }
        for peer in record.v4.entries { append(peer, at: now, to: &output) }
        for peer in record.v6.entries { append(peer, at: now, to: &output) }
    }

    private static func append(_ peer: PeerEntry<some PeerAddress>, at now: Minute, to output: inout [UInt8]) {
        peer.address.append(to: &output)
        output.appendBigEndian(peer.port)
        output.appendBigEndian(UInt16(now.since(peer.minute)) << 1 | (peer.isCounted ? 1 : 0))
    }

    private static var recordLength: Int { 42 }

    private mutating func take(
        _ bytes: RawSpan, at offset: inout Int, age: Int, now: Minute
    ) throws(TrackerSnapshotError) {
        guard bytes.byteCount - offset >= Self.recordLength, let infoHash = InfoHash(bytes, at: offset) else {
            throw .damaged(at: offset)
        }
        let downloaded = bytes.uint32(at: offset + 20)
        let silence = Int(bytes.uint16(at: offset + 24)) + age
        let counts = (0..<4).map { Int(bytes.uint32(at: offset + 26 + $0 * 4)) }
        offset += Self.recordLength
        let length = (counts[0] + counts[1]) * 8 + (counts[2] + counts[3]) * 20
        guard bytes.byteCount - offset >= length else { throw .damaged(at: offset) }
        guard silence < Minute.horizon, table.slot(of: infoHash) != nil || table.count < policy.limits.torrents else {
            offset += length
            return
        }
        let slot = table.slotMaking(infoHash, at: now.back(silence))
        let lifetime = Int(policy.peerLifetime.components.seconds / 60)
        table.change(slot) { $0.downloaded = max($0.downloaded, downloaded) }
        for (position, addressLength) in [4, 4, 16, 16].enumerated() {
            for _ in 0..<counts[position] {
                let peer = bytes.extracting(offset..<offset + addressLength + 4)
                offset += addressLength + 4
                take(peer, addressLength, isSeeder: position.isMultiple(of: 2), slot, age, lifetime, now)
            }
        }
    }

    private mutating func take(
        _ bytes: RawSpan, _ addressLength: Int, isSeeder: Bool, _ slot: Int, _ age: Int, _ lifetime: Int,
        _ now: Minute
    ) {
        let marks = bytes.uint16(at: addressLength + 2)
        let silence = Int(marks >> 1) + age
        guard silence <= lifetime, table.peers < policy.limits.peers,
            let endpoint = Endpoint(compact: bytes.extracting(0..<addressLength + 2))
        else { return }
        table.change(slot) { record in
            record.restore(endpoint, isSeeder: isSeeder, isCounted: marks & 1 != 0, minute: now.back(silence))
        }
    }
}

extension SwarmRecord {
    /// A peer out of a snapshot, whose download was counted before if it was at all.
    fileprivate mutating func restore(_ peer: Endpoint, isSeeder: Bool, isCounted: Bool, minute heard: Minute) {
        let (downloaded, last) = (downloaded, minute)
        _ = upsert(peer, isSeeder: isSeeder, countsDownload: isCounted, at: heard)
        self.downloaded = downloaded
        minute = last
    }
}
