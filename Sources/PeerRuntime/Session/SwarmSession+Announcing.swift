import SwarmEngine
import TorrentCore
import TorrentIO

/// The conversation with one tracker: one announce at a time, in order.
final class AnnounceLane {
    let url: TrackerURL
    var task: (any AnnounceTask)?
    var event: AnnounceEvent = .none
    /// What is to be said when the announce under way has ended.
    var next: (event: AnnounceEvent, wanted: Int)?
    /// To be said again in the next announce.
    var trackerID: [UInt8] = []
    /// People are told once that a tracker fails, and once that it works again.
    var isFailing = false
    /// What was odd about the last answer: told once, with -v.
    var oddities: [AnswerOddity] = []
    var hasAnswered = false

    init(url: TrackerURL) {
        self.url = url
    }
}

// Announces: one lane a tracker, so that a tracker never hears `stopped` before `completed`.
extension SwarmSession {
    func announce(_ tracker: TrackerIndex, _ event: AnnounceEvent, wanted: Int) {
        let lane = lanes[tracker.position]
        if lane.task != nil {
            // News must arrive in order; a plain announce is not worth waiting for.
            guard lane.event == .none else {
                lane.next = (event, wanted)
                return
            }
            lane.task?.cancel()
            lane.task = nil
        }
        begin(tracker, lane, event, wanted)
    }

    private func begin(_ tracker: TrackerIndex, _ lane: AnnounceLane, _ event: AnnounceEvent, _ wanted: Int) {
        let figures = figures
        var request = AnnounceRequest(
            infoHash: content.metainfo.infoHash, peerID: context.peerID, port: context.listenPort,
            uploaded: figures.uploaded, downloaded: figures.downloaded, left: figures.left, event: event,
            numberWanted: wanted, key: announceKey)
        request.trackerID = lane.trackerID
        lane.event = event
        tell(TrackerNews(lane.url.description, .asked(event)))
        lane.task = client.announce(request, to: lane.url) { [weak self] result in
            self?.ended(tracker, lane, result)
        }
    }

    private func ended(
        _ tracker: TrackerIndex, _ lane: AnnounceLane, _ result: Result<AnnounceResponse, AnnounceFailure>
    ) {
        lane.task = nil
        switch result {
        case .success(let response): answered(tracker, lane, response)
        case .failure(let failure): failed(tracker, lane, failure)
        }
        if let next = lane.next, lane.task == nil {
            lane.next = nil
            begin(tracker, lane, next.event, next.wanted)
        }
        if lanes.allSatisfy({ $0.task == nil }) { allAnnounced?() }
    }

    private func answered(_ tracker: TrackerIndex, _ lane: AnnounceLane, _ response: AnnounceResponse) {
        tell(
            TrackerNews(
                lane.url.description,
                .answered(
                    peers: response.peers.count, seeds: response.complete, leechers: response.incomplete,
                    interval: response.interval)))
        if !response.trackerID.isEmpty { lane.trackerID = response.trackerID }
        if let warning = response.warning { notice("tracker_warning", "\(lane.url.authority) warns: \(warning)") }
        if lane.isFailing { notice("tracker_ready", "\(lane.url.authority) answers again") }
        lane.isFailing = false
        lane.hasAnswered = true
        guard !isStopping else { return }
        tellOddities(of: response, lane)
        turn {
            $0.announceAnswered(
                tracker, interval: response.interval, minimum: response.minInterval, peers: response.peers.count,
                at: $1, effects: &$2)
        }
        found(response.peers, from: .tracker)
        for peer in response.namedPeers { lookUp(peer.host, peer.port, from: .tracker) }
    }

    private func tellOddities(of response: AnnounceResponse, _ lane: AnnounceLane) {
        defer { lane.oddities = response.oddities }
        guard !response.oddities.isEmpty, response.oddities != lane.oddities else { return }
        let words = response.oddities.map(\.description).joined(separator: "; ")
        notice("tracker_odd", "tracker \(lane.url.authority): \(words)", isDetail: true)
    }

    private func failed(_ tracker: TrackerIndex, _ lane: AnnounceLane, _ failure: AnnounceFailure) {
        tell(TrackerNews(lane.url.description, .failed(failure.reason)))
        notice(
            "tracker_failed", "tracker \(lane.url.authority): \(failure.reason)",
            isDetail: lane.isFailing || isStopping)
        lane.isFailing = true
        guard !isStopping else { return }
        turn {
            $0.announceFailed(
                tracker, retryIn: failure.retryIn, isFinal: failure.isFinal, at: $1, effects: &$2)
        }
    }

    /// Calls `body` once no announce is under way.
    func whenAnnounced(_ body: @escaping () -> Void) {
        if lanes.allSatisfy({ $0.task == nil }) { body() } else { allAnnounced = body }
    }

    func cancelAnnounces() {
        allAnnounced = nil
        for lane in lanes {
            lane.task?.cancel()
            lane.task = nil
            lane.next = nil
        }
    }
}
