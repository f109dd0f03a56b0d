import PeerEvents
import SwarmEngine
import TorrentCore
import TorrentIO

/// Whoever announces says how far it is, and hears what trackers answer.
protocol TrackerAnnouncesOwner: SessionPartOwner {
    var announced: AnnouncedFigures { get }
    /// Not called any more once the owner stops; nor is `failed`.
    func answered(_ tracker: TrackerIndex, _ answer: AnnounceAnswer)
    func failed(_ tracker: TrackerIndex, _ failure: AnnounceFailure)
}

/// How far a torrent is, as trackers are told, bytes.
struct AnnouncedFigures {
    var uploaded: Int64
    var downloaded: Int64
    var left: Int64
}

/// The announces of a session: one queue a tracker, so that a tracker never hears `stopped` before `completed`.
final class TrackerAnnounces {
    weak var owner: (any TrackerAnnouncesOwner)?
    private let infoHash: InfoHash
    private let context: NodeContext
    private let reactor: Reactor
    private let client: TrackerClient
    private let queues: [AnnounceQueue]
    /// By which a tracker knows us again under another address (BEP 7).
    private let key: AnnounceKey
    /// Waits for the last announces.
    private var allEnded: (() -> Void)?

    init(
        of infoHash: InfoHash, tiers: [[TrackerURL]], _ context: NodeContext, _ reactor: Reactor,
        using generator: inout SplitMix64
    ) {
        self.infoHash = infoHash
        self.context = context
        self.reactor = reactor
        client = TrackerClient(
            reactor: reactor, resolver: context.resolver, udpTrackers: context.udpTrackers, source: context.source,
            seed: generator.next())
        key = AnnounceKey(UInt32(truncatingIfNeeded: generator.next()))
        queues = tiers.flatMap(\.self).map { AnnounceQueue(url: $0) }
    }

    /// There is no tracker that can be asked.
    var isEmpty: Bool { used.isEmpty }
    /// A tracker has answered, and the last time, too.
    var hasAnswer: Bool { used.contains { $0.hasAnswered && !$0.isFailing } }
    /// A tracker did not answer the last time.
    var isFailing: Bool { used.contains { $0.isFailing } }
    /// What became of the last announce to each, for people: "tracker example.org: connection refused".
    var outcomes: [String] { used.map { "tracker \($0.url.authority)\($0.outcome)" } }

    private var used: [AnnounceQueue] { queues.filter { !$0.isGivenUp } }

    /// This torrent has no business there.
    func giveUp(_ tracker: TrackerIndex) { queues[tracker.position].isGivenUp = true }

    // MARK: Asking

    func announce(_ tracker: TrackerIndex, _ event: AnnounceEvent, wanted: Int) {
        let queue = queues[tracker.position]
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
        guard let figures = owner?.announced else { return }
        var request = AnnounceRequest(
            infoHash: infoHash, peerID: context.peerID, port: context.listenPort, uploaded: figures.uploaded,
            downloaded: figures.downloaded, left: figures.left, event: event, numberWanted: wanted, key: key)
        request.trackerID = queue.trackerID
        request.name = context.options.naming.name(at: queue.url)
        queue.event = event
        tell(queue, .asked(event))
        queue.task = client.announce(request, to: queue.url) { [weak self] result in
            self?.ended(tracker, queue, result)
        }
    }

    private func tell(_ queue: AnnounceQueue, _ kind: TrackerNews.Kind) {
        context.onEvent(.tracker(infoHash, TrackerNews(queue.url.description, kind)))
    }

    // MARK: Answers

    private func ended(
        _ tracker: TrackerIndex, _ queue: AnnounceQueue, _ result: Result<AnnounceAnswer, AnnounceFailure>
    ) {
        queue.task = nil
        if let owner {
            switch result {
            case .success(let answer): answered(tracker, queue, answer, owner)
            case .failure(let failure): failed(tracker, queue, failure, owner)
            }
        }
        if let next = queue.next, queue.task == nil {
            queue.next = nil
            begin(tracker, queue, next.event, next.wanted)
        }
        guard areIdle, let done = allEnded else { return }
        allEnded = nil
        done()
    }

    private func answered(
        _ tracker: TrackerIndex, _ queue: AnnounceQueue, _ answer: AnnounceAnswer, _ owner: any TrackerAnnouncesOwner
    ) {
        let response = answer.response
        tell(
            queue,
            .answered(
                peers: response.peers.count, seeds: response.complete, leechers: response.incomplete,
                interval: response.interval))
        let authority = queue.url.authority
        if !response.trackerID.isEmpty { queue.trackerID = response.trackerID }
        if let warning = response.warning { owner.notice("tracker_warning", "\(authority) warns: \(warning)") }
        if queue.isFailing { owner.notice("tracker_ready", "\(authority) answers again") }
        queue.isFailing = false
        queue.hasAnswered = true
        let found = response.peers.count + response.namedPeers.count
        queue.outcome = " names \(found == 0 ? "nobody" : found == 1 ? "one peer" : "\(found) peers")"
        guard !owner.isStopping else { return }
        if !response.oddities.isEmpty, response.oddities != queue.oddities {
            let words = response.oddities.map(\.description).joined(separator: "; ")
            owner.notice("tracker_odd", "tracker \(authority): \(words)", isDetail: true)
        }
        queue.oddities = response.oddities
        owner.answered(tracker, answer)
    }

    private func failed(
        _ tracker: TrackerIndex, _ queue: AnnounceQueue, _ failure: AnnounceFailure,
        _ owner: any TrackerAnnouncesOwner
    ) {
        tell(queue, .failed(failure.reason))
        owner.notice(
            "tracker_failed", "tracker \(queue.url.authority): \(failure.reason)",
            isDetail: queue.isFailing || queue.isGivenUp || owner.isStopping)
        queue.isFailing = true
        queue.outcome = ": \(failure.reason)"
        if !owner.isStopping { owner.failed(tracker, failure) }
    }

    // MARK: The last ones

    /// Calls `done` once no announce is under way, or when time is up and the rest has been cancelled.
    func finish(within timeout: Duration, done: @escaping () -> Void) {
        if areIdle { return done() }
        // The owner stays until then: an announce that follows another says how far it got.
        let timer = reactor.setTimer(after: timeout) { [self, owner] in
            cancel()
            done()
            _ = owner
        }
        allEnded = { [reactor, owner] in
            reactor.cancel(timer)
            done()
            _ = owner
        }
    }

    private var areIdle: Bool { queues.allSatisfy { $0.task == nil } }

    private func cancel() {
        allEnded = nil
        for queue in queues {
            queue.task?.cancel()
            queue.task = nil
            queue.next = nil
        }
    }
}
