import TorrentCore

/// A swarm, or part of a large one, in a snapshot: info hash (20), downloads (4), minutes of silence (2), four counts
/// (4 each); then the peers, IPv4 first, seeders first: address, port, and minutes of silence in the upper 15 bits,
/// with the mark of a counted download in the lowest.
struct SwarmRecord {
    private static let headLength = 42

    /// Builds records one after the other.
    struct Builder {
        // IPv4 seeders, IPv4 leechers, then the same of IPv6.
        private var peers: [[UInt8]] = [[], [], [], []]
        private var counts: [UInt32] = [0, 0, 0, 0]
        private let now: Minute

        init(at now: Minute) { self.now = now }

        var isEmpty: Bool { counts.allSatisfy { $0 == 0 } }

        mutating func add<Entry: PeerEntry>(_ peer: Entry, isSeeder: Bool) {
            let set = LargeSwarm.set(Entry.family, isSeeder: isSeeder)
            counts[set] += 1
            peer.endpoint.appendCompact(to: &peers[set])
            peers[set].appendBigEndian(
                UInt16(now.since(peer.marks.minute)) << 1 | (peer.marks.isCounted ? 1 : 0))
        }

        /// Appends the record and begins the next.
        mutating func finish(_ swarm: SwarmView, to output: inout [UInt8]) {
            swarm.infoHash.bytes.append(to: &output)
            output.appendBigEndian(swarm.downloaded)
            output.appendBigEndian(UInt16(now.since(swarm.minute)))
            for set in 0..<4 { output.appendBigEndian(counts[set]) }
            for set in 0..<4 {
                output += peers[set]
                peers[set].removeAll(keepingCapacity: true)
                counts[set] = 0
            }
        }
    }

    // MARK: Reading

    let infoHash: InfoHash
    let downloaded: UInt32
    /// Minutes since somebody was heard.
    let silence: Int
    private let counts: [Int]
    private let peers: Int
    /// Where the next one begins.
    let end: Int

    init(_ bytes: RawSpan, at offset: Int) throws(TrackerSnapshotError) {
        guard bytes.byteCount - offset >= Self.headLength, let infoHash = InfoHash(bytes, at: offset) else {
            throw .damaged(at: offset)
        }
        self.infoHash = infoHash
        downloaded = bytes.uint32(at: offset + 20)
        silence = Int(bytes.uint16(at: offset + 24))
        counts = (0..<4).map { Int(bytes.uint32(at: offset + 26 + $0 * 4)) }
        peers = offset + Self.headLength
        let length =
            (counts[0] + counts[1]) * PeerEntryV4.byteCount + (counts[2] + counts[3]) * PeerEntryV6.byteCount
        guard bytes.byteCount - peers >= length else { throw .damaged(at: offset) }
        end = peers + length
    }

    /// Calls `body` with each peer; its marks hold its minutes of silence where else its minute is.
    func forEachPeer(in bytes: RawSpan, _ body: (Endpoint?, _ marks: PeerMarks, _ isSeeder: Bool) -> Void) {
        var offset = peers
        for (set, addressLength) in [4, 4, 16, 16].enumerated() {
            for _ in 0..<counts[set] {
                let marks = PeerMarks(bits: bytes.uint16(at: offset + addressLength + 2))
                let endpoint = Endpoint(compact: bytes.extracting(offset..<offset + addressLength + 2))
                offset += addressLength + 4
                body(endpoint, marks, set.isMultiple(of: 2))
            }
        }
    }
}
