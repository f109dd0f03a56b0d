internal import PeerEvents
internal import Synchronization
internal import TorrentCore

/// What commands wait for, picked out of the events of the node. For any thread.
final class ConsoleNews: Sendable {
    /// What has become of a torrent.
    struct Fate: Sendable {
        var metainfo: Metainfo?
        /// All of it is there.
        var isComplete = false
        /// It is served.
        var isServed = false
        /// A tracker has answered, or will not.
        var isAnnounced = false
    }

    private struct State {
        var fates: [InfoHash: Fate] = [:]
        /// It is told what torrents are called.
        var tracker: CompanionTracker?
    }

    private let state = Mutex(State())

    subscript(infoHash: InfoHash) -> Fate { state.withLock { $0.fates[infoHash] ?? Fate() } }

    /// The torrent begins, perhaps once more.
    func begin(_ infoHash: InfoHash, _ metainfo: Metainfo?) {
        state.withLock { $0.fates[infoHash] = Fate() }
        if let metainfo { learn(metainfo) }
    }

    /// The page of `tracker`, which runs here, names the torrents.
    func tellNames(to tracker: CompanionTracker) {
        let known = state.withLock { state in
            state.tracker = tracker
            return state.fates.values.compactMap(\.metainfo)
        }
        for metainfo in known { tracker.tellName(of: metainfo) }
    }

    private func learn(_ metainfo: Metainfo) {
        change(metainfo.infoHash) { $0.metainfo = metainfo }
        state.withLock(\.tracker)?.tellName(of: metainfo)
    }

    func hear(_ event: PeerEvent) {
        switch event {
        case .metadataComplete(let metainfo): learn(metainfo)
        case .complete(let infoHash, _, _, _): change(infoHash) { $0.isComplete = true }
        case .seeding(let infoHash, _, _, _): change(infoHash) { $0.isServed = true }
        case .tracker(let infoHash, let news) where news.isOutcome: change(infoHash) { $0.isAnnounced = true }
        default: break
        }
    }

    private func change(_ infoHash: InfoHash, _ body: (inout Fate) -> Void) {
        state.withLock { state in
            guard var fate = state.fates[infoHash] else { return }
            body(&fate)
            state.fates[infoHash] = fate
        }
    }
}

extension TrackerNews {
    /// More than that an announce was sent.
    fileprivate var isOutcome: Bool {
        if case .asked = kind { false } else { true }
    }
}
