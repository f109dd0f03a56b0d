import TorrentCore

@testable import TrackerEngine

extension Fuzzer {
    /// A tracker's state. The first byte says whether the rest is a whole file, or the count of downloads and records
    /// whose checksums are put right.
    static let trackerState = Fuzzer(
        "tracker-state", "what was taken in is told and taken in again as it was; a damaged file changes nothing"
    ) {
        let whole = seeded()
        let start = TrackerSnapshot.headerLength + TrackerSnapshot.frameHeaderLength
        return [
            [0] + whole, [1] + [UInt8](repeating: 0, count: 8) + whole[start...].dropLast(28), [0] + whole.prefix(90),
            [1] + [UInt8](repeating: 255, count: 8),
        ]
    } run: { bytes in
        guard let kind = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let file = kind & 1 == 0 ? rest : framed(Array(rest.dropFirst(8)), downloads: rest.prefix(8))
        var tracker = Tracker(policy: TrackerPolicy(), seed: 1)
        guard let restored = restore(file, into: &tracker) else {
            hold(tracker.seederCount == 0 && tracker.leecherCount == 0, "peers of a damaged file")
            return
        }
        hold(TrackerSnapshot.isWhole(file), "taken in, and not whole")
        hold(tracker.seederCount + tracker.leecherCount <= restored.peers, "more peers than were taken in")
        let told = snapshot(of: tracker)
        var other = Tracker(policy: TrackerPolicy(), seed: 2)
        guard restore(told, into: &other) != nil else { return hold(false, "our own snapshot is refused") }
        hold(other.seederCount == tracker.seederCount, "\(other.seederCount) seeders of \(tracker.seederCount)")
        hold(other.leecherCount == tracker.leecherCount, "\(other.leecherCount) leechers of \(tracker.leecherCount)")
        hold(other.downloadCount == tracker.downloadCount, "another count of downloads")
        complete(&tracker)
        hold(tracker.downloadCount >= other.downloadCount, "fewer downloads after another one")
    }

    private static let writtenAt: Int64 = 1_000_000
    private static let now = Moment(nanoseconds: 1_000_000_000_000)

    /// A peer of a torrent downloads it whole.
    private static func complete(_ tracker: inout Tracker) {
        guard let peer = Endpoint("9.0.0.1:1") else { return }
        var answer = PackedAnnounceResponse()
        for event in [AnnounceEvent.started, .completed] {
            let request = AnnounceRequest(
                infoHash: InfoHash(Bytes20(high: 0, middle: 7, low: 9)), peerID: PeerID(.zero), port: peer.port,
                left: event == .completed ? 0 : 1, event: event)
            try? tracker.announce(request, from: RequestOrigin(connection: peer.address), at: now, answer: &answer)
        }
    }

    private static func restore(_ bytes: [UInt8], into tracker: inout Tracker) -> RestoredSnapshot? {
        bytes.withBytes { try? tracker.restore($0, secondsSince1970: writtenAt, at: now) }
    }

    private static func framed(_ records: [UInt8], downloads: ArraySlice<UInt8>) -> [UInt8] {
        var file: [UInt8] = []
        TrackerSnapshot.appendHeader(secondsSince1970: writtenAt, to: &file)
        TrackerSnapshot.appendFrame(records, to: &file)
        let count = Int(truncatingIfNeeded: downloads.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 1)
        TrackerSnapshot.appendEnd(downloads: count, frameBytes: file.count - TrackerSnapshot.headerLength, to: &file)
        return file
    }

    private static func snapshot(of tracker: borrowing Tracker) -> [UInt8] {
        var bytes: [UInt8] = []
        TrackerSnapshot.appendHeader(secondsSince1970: writtenAt, to: &bytes)
        var cursor: SwarmCursor? = SwarmCursor()
        while let from = cursor { cursor = tracker.appendFrame(from: from, budget: 3, at: now, to: &bytes) }
        tracker.appendEnd(frameBytes: bytes.count - TrackerSnapshot.headerLength, to: &bytes)
        return bytes
    }

    /// The state of a tracker with some peers of both families.
    private static func seeded() -> [UInt8] {
        var tracker = Tracker(policy: TrackerPolicy(), seed: 1)
        var answer = PackedAnnounceResponse()
        for number in 0..<9 {
            for text in ["8.0.0.\(number + 1):1", "[2001::\(number)]:2"] {
                guard let peer = Endpoint(text) else { continue }
                let request = AnnounceRequest(
                    infoHash: InfoHash(Bytes20(high: UInt64(number / 4), middle: 7, low: 9)), peerID: PeerID(.zero),
                    port: peer.port, left: Int64(number % 2), event: .completed)
                let origin = RequestOrigin(connection: peer.address)
                try? tracker.announce(request, from: origin, at: now, answer: &answer)
            }
        }
        return snapshot(of: tracker)
    }
}
