import TorrentCore
import TorrentIO

/// Sees whether somebody changes a file that is being served: peers would be sent bytes that fail their check, and
/// would take us for a liar. Confined to the torrent's reactor; the looking is done on a worker.
final class ContentWatch {
    /// Time between two looks. They are taken while something is served, and once more after it, so that a change is
    /// not left for the next peer to find.
    private static let interval = Duration.seconds(3)
    /// Most files of one look; in a larger torrent each look takes the next ones.
    private static let filesALook = 1_000

    private let storage: FileStorage
    private let reactor: Reactor
    private let workers: BlockingWorkers
    private let onChange: (StorageError) -> Void
    private var nextFile = 0
    private var notBefore: Moment
    private var looksDue = 0
    private var isBusy = false

    init(
        _ storage: FileStorage, reactor: Reactor, workers: BlockingWorkers,
        onChange: @escaping (StorageError) -> Void
    ) {
        self.storage = storage
        self.reactor = reactor
        self.workers = workers
        self.onChange = onChange
        notBefore = reactor.now
    }

    /// Something is being served.
    func served() {
        looksDue = (storage.files.count + Self.filesALook - 1) / Self.filesALook
        lookInTime()
    }

    private func lookInTime() {
        guard !isBusy, looksDue > 0 else { return }
        isBusy = true
        reactor.setTimer(after: max(.zero, notBefore - reactor.now)) { [weak self] in self?.look() }
    }

    private func look() {
        looksDue -= 1
        let range = nextFile..<min(nextFile + Self.filesALook, storage.files.count)
        nextFile = range.upperBound == storage.files.count ? 0 : range.upperBound
        let storage = storage
        let reply = reactor.reply { [weak self] (change: StorageError?) in
            guard let self else { return }
            isBusy = false
            notBefore = reactor.now + Self.interval
            if let change { onChange(change) } else { lookInTime() }
        }
        workers.perform(reply: reply) { storage.change(in: range) }
    }
}
