import HTTPService
import Synchronization
import TorrentCore
import TorrentIO
import TrackerEngine

/// Answers the requests of one lane, with a value for answers that is reused. Lives on the lane's reactor.
final class TrackerService {
    let shared: SharedTracker
    let reactor: Reactor
    let lane: Int
    /// Without what the HTTP server counts: see `allTotals`.
    var totals = TrafficMeter.Totals()
    /// What the lane's HTTP server has had to do with.
    let httpTraffic = HTTPTraffic()
    var answer = PackedAnnounceResponse()
    /// Room for the body of an HTTP answer.
    var body: [UInt8] = []
    private var secondsToInterfaces = 60
    // What expiry may still look at in this second.
    private var expiryLeft = 0

    init(shared: SharedTracker, reactor: Reactor, lane: Int) {
        self.shared = shared
        self.reactor = reactor
        self.lane = lane
    }

    // MARK: Telling

    var allTotals: TrafficMeter.Totals {
        var all = totals
        all.bytesIn += httpTraffic.bytesIn
        all.bytesOut += httpTraffic.bytesOut
        all.connectionsTaken += httpTraffic.connectionsTaken
        all.malformed += httpTraffic.malformed
        return all
    }

    /// Called once a second.
    func tick() {
        shared.meter.withLock { meter in
            meter.lanes[lane] = allTotals
            if lane == 0 { meter.tick() }
        }
        guard lane == 0 else { return }
        let isUnderWay = expiryLeft > 0
        expiryLeft = shared.tracker.withLock { $0.expiryBudget }
        if !isUnderWay { expire() }
        secondsToInterfaces -= 1
        if secondsToInterfaces <= 0 {
            secondsToInterfaces = 60
            shared.lookAtInterfaces()
        }
    }

    /// Looks at a part of the tables for a fraction of a millisecond, and continues in the next iteration, after
    /// waiting requests.
    private func expire() {
        let stretch = min(expiryLeft, Self.expiryStretch)
        shared.tracker.withLock { $0.expire(at: reactor.now, budget: stretch) }
        expiryLeft -= stretch
        // Held for one iteration at most. A weak reference would make every other one slower for good.
        if expiryLeft > 0 { reactor.performLater { [self] in expire() } }
    }

    private static let expiryStretch = 2_048

    func report() -> TrackerReport {
        TrackerReport(self, now: reactor.now)
    }

    func logAnnounce(
        _ request: AnnounceRequest, _ transport: TrackerRequestLog.Transport, _ origin: RequestOrigin,
        _ answer: PackedAnnounceResponse
    ) {
        let peers = answer.peers.count / 6 + answer.peers6.count / 18
        log(transport, origin, .announce(request, peers: peers))
    }

    func log(
        _ transport: TrackerRequestLog.Transport, _ origin: RequestOrigin, _ outcome: TrackerRequestLog.Outcome
    ) {
        shared.configuration.onRequest?(
            TrackerRequestLog(
                transport: transport, source: shared.configuration.policy.source(of: origin), outcome: outcome))
    }
}
