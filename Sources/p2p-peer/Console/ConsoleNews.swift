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
        var failure: PeerFailure?
        var hasEnded = false
    }

    private let fates = Mutex<[InfoHash: Fate]>([:])

    subscript(infoHash: InfoHash) -> Fate { fates.withLock { $0[infoHash] ?? Fate() } }

    /// The torrent begins, perhaps once more.
    func begin(_ infoHash: InfoHash, _ metainfo: Metainfo?) {
        fates.withLock { $0[infoHash] = Fate(metainfo: metainfo) }
    }

    func hear(_ event: PeerEvent) {
        switch event {
        case .metadataComplete(let metainfo): change(metainfo.infoHash) { $0.metainfo = metainfo }
        case .complete(let infoHash, _, _, _): change(infoHash) { $0.isComplete = true }
        case .seeding(let infoHash, _, _, _): change(infoHash) { $0.isServed = true }
        case .tracker(let infoHash, let news) where news.isOutcome: change(infoHash) { $0.isAnnounced = true }
        case .failed(let infoHash?, let failure): change(infoHash) { $0.failure = failure }
        case .stopped(let infoHash, _, _, _): change(infoHash) { $0.hasEnded = true }
        default: break
        }
    }

    private func change(_ infoHash: InfoHash, _ body: (inout Fate) -> Void) {
        fates.withLock { fates in
            guard var fate = fates[infoHash] else { return }
            body(&fate)
            fates[infoHash] = fate
        }
    }
}

extension TrackerNews {
    /// More than that an announce was sent.
    fileprivate var isOutcome: Bool {
        if case .asked = kind { false } else { true }
    }
}
