import TorrentCore
import TrackerEngine

/// A tracker with a clock that the test advances.
final class TrackerStage {
    var tracker: Tracker
    var now = Moment(nanoseconds: 1_000_000_000_000)
    var answer = PackedAnnounceResponse()

    init(_ policy: TrackerPolicy = TrackerPolicy(), seed: UInt64 = 1) {
        tracker = Tracker(policy: policy, seed: seed)
    }

    static func hash(_ number: Int) -> InfoHash {
        InfoHash(Bytes20(high: UInt64(number), middle: 7, low: 9))
    }

    /// Announces `endpoint` to torrent `number`, over HTTP unless `packetBytes` says otherwise; whom it is told of.
    @discardableResult
    func announce(
        _ endpoint: String, left: Int64 = 1, _ event: AnnounceEvent = .none, torrent: Int = 0, wanted: Int? = nil,
        packetBytes: Int? = nil, change: (inout AnnounceRequest) -> Void = { _ in }
    ) throws(TrackerRefusal) -> [String] {
        guard let peer = Endpoint(endpoint) else { preconditionFailure("\(endpoint) is no endpoint") }
        var request = AnnounceRequest(
            infoHash: Self.hash(torrent), peerID: PeerID(.zero), port: peer.port, left: left, event: event,
            numberWanted: wanted)
        change(&request)
        let origin = RequestOrigin(connection: peer.address, packetBytes: packetBytes)
        try tracker.announce(request, from: origin, at: now, answer: &answer)
        return told
    }

    /// The peers of the last answer, sorted.
    var told: [String] {
        var peers: [String] = []
        answer.forEachPeer { peers.append($0.description) }
        return peers.sorted()
    }

    /// Lets time pass and runs expiry once a second, as the shell does.
    func wait(_ duration: Duration) {
        let end = now + duration
        while now < end {
            now = min(now + .seconds(1), end)
            tracker.expire(at: now, budget: tracker.expiryBudget)
        }
    }

    func counts(_ torrent: Int = 0) -> ScrapeCounts { tracker.scrape(Self.hash(torrent)) }
}

extension ScrapeCounts {
    init(_ complete: Int, _ incomplete: Int, _ downloaded: Int) {
        self.init(complete: complete, incomplete: incomplete, downloaded: downloaded)
    }
}
