import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// The conversation with one tracker: one announce at a time, in order.
final class AnnounceQueue {
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

// Announces: one queue a tracker, so that a tracker never hears `stopped` before `completed`.
extension SwarmSession {
    func announce(_ tracker: TrackerIndex, _ event: AnnounceEvent, wanted: Int) {
        let queue = announceQueues[tracker.position]
        if queue.task != nil {
            // News must arrive in order; a plain announce is not worth waiting for.
            guard queue.event == .none else {
                queue.next = (event, wanted)
                return
            }
            queue.task?.cancel()
            queue.task = nil
        }
        begin(tracker, queue, event, wanted)
    }

    private func begin(_ tracker: TrackerIndex, _ queue: AnnounceQueue, _ event: AnnounceEvent, _ wanted: Int) {
        let figures = figures
        var request = AnnounceRequest(
            infoHash: content.metainfo.infoHash, peerID: context.peerID, port: context.listenPort,
            uploaded: figures.uploaded, downloaded: figures.downloaded, left: figures.left, event: event,
            numberWanted: wanted, key: announceKey)
        request.trackerID = queue.trackerID
        queue.event = event
        tell(TrackerNews(queue.url.description, .asked(event)))
        queue.task = client.announce(request, to: queue.url) { [weak self] result in
            self?.ended(tracker, queue, result)
        }
    }

    private func ended(
        _ tracker: TrackerIndex, _ queue: AnnounceQueue, _ result: Result<AnnounceResponse, AnnounceFailure>
    ) {
        queue.task = nil
        switch result {
        case .success(let response): answered(tracker, queue, response)
        case .failure(let failure): failed(tracker, queue, failure)
        }
        if let next = queue.next, queue.task == nil {
            queue.next = nil
            begin(tracker, queue, next.event, next.wanted)
        }
        if announceQueues.allSatisfy({ $0.task == nil }) { allAnnounced?() }
    }

    private func answered(_ tracker: TrackerIndex, _ queue: AnnounceQueue, _ response: AnnounceResponse) {
        tell(
            TrackerNews(
                queue.url.description,
                .answered(
                    peers: response.peers.count, seeds: response.complete, leechers: response.incomplete,
                    interval: response.interval)))
        if !response.trackerID.isEmpty { queue.trackerID = response.trackerID }
        if let warning = response.warning { notice("tracker_warning", "\(queue.url.authority) warns: \(warning)") }
        if queue.isFailing { notice("tracker_ready", "\(queue.url.authority) answers again") }
        queue.isFailing = false
        queue.hasAnswered = true
        guard !isStopping else { return }
        tellOddities(of: response, queue)
        tellBrain(.announceAnswered(tracker, interval: response.interval, minimum: response.minInterval))
        found(response.peers, from: .tracker)
        for peer in response.namedPeers { lookUp(peer.host, peer.port, from: .tracker) }
    }

    private func tellOddities(of response: AnnounceResponse, _ queue: AnnounceQueue) {
        defer { queue.oddities = response.oddities }
        guard !response.oddities.isEmpty, response.oddities != queue.oddities else { return }
        let words = response.oddities.map(\.description).joined(separator: "; ")
        notice("tracker_odd", "tracker \(queue.url.authority): \(words)", isDetail: true)
    }

    private func failed(_ tracker: TrackerIndex, _ queue: AnnounceQueue, _ failure: AnnounceFailure) {
        tell(TrackerNews(queue.url.description, .failed(failure.reason)))
        notice(
            "tracker_failed", "tracker \(queue.url.authority): \(failure.reason)",
            isDetail: queue.isFailing || isStopping)
        queue.isFailing = true
        guard !isStopping else { return }
        tellBrain(.announceFailed(tracker, retryIn: failure.retryIn, isFinal: failure.isFinal))
    }

    /// Calls `body` once no announce is under way.
    func whenAnnounced(_ body: @escaping () -> Void) {
        if announceQueues.allSatisfy({ $0.task == nil }) { body() } else { allAnnounced = body }
    }

    func cancelAnnounces() {
        allAnnounced = nil
        for queue in announceQueues {
            queue.task?.cancel()
            queue.task = nil
            queue.next = nil
        }
    }
}
