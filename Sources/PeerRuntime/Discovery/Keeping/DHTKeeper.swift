import DHTEngine
import Dispatch
import Synchronization
import TorrentCore
import TorrentIO

/// Has what the DHT keeps between runs (BEP 5) read and written by a worker of its own, so that a folder which does not
/// answer holds up nobody else, and one which is slow gets everything in its order. Confined to a reactor, but for the
/// waiting.
// @unchecked: confined to the reactor of its service, but for `waitUntilKept`.
final class DHTKeeper: @unchecked Sendable {
    /// What comes of looking for what was kept.
    enum News {
        case found(DHTStore.Found)
        /// The folder has not answered for long enough.
        case silent
        /// It has answered after all.
        case foundLate(DHTStore.Found)
    }

    private let file: DHTFile
    var store: DHTStore { file.store }
    private let worker: BlockingWorkers
    private let reactor: Reactor
    /// From `begin` to `end`. What a worker or a timer brings for an earlier one is of no interest any more.
    private var life = 0
    private var timer: TimerID?
    /// The file is there for us.
    private var isOpen = false
    /// The worker has something to write, or waits for the disk.
    private var isWriting = false
    /// Entered while something is written that must not be lost.
    private let writing = DispatchGroup()
    /// How many have said that they will end, and have not.
    private let endings = Atomic(0)

    static let interval = Duration.seconds(240)
    /// So long a DHT waits for what was kept.
    static let loadingPatience = Duration.seconds(1)
    /// The longest that somebody who wants to end waits.
    private static let patience = DispatchTimeInterval.milliseconds(500)

    /// `worker` is one thread, for nobody else.
    init(
        _ store: DHTStore, on reactor: Reactor,
        worker: BlockingWorkers = BlockingWorkers(name: "p2p.dht.keep", count: 1)
    ) {
        file = DHTFile(store)
        self.reactor = reactor
        self.worker = worker
    }

    /// Tells what there is. With `keeps`, what becomes of it is kept, unless another process does that.
    func begin(keeps: Bool, _ body: @escaping (News) -> Void) {
        life += 1
        let life = life
        var isLate = false
        let reply = reactor.reply { [weak self] (found: DHTStore.Found, isOurs: Bool) in
            guard let self, life == self.life else { return }
            isOpen = isOurs
            guard !isLate else { return body(.foundLate(found)) }
            cancelTimer()
            body(.found(found))
        }
        worker.perform(reply: reply) { [file] in file.open(keeps: keeps) }
        timer = reactor.setTimer(after: Self.loadingPatience) { [weak self] in
            guard let self, life == self.life else { return }
            timer = nil
            isLate = true
            body(.silent)
        }
    }

    /// Keeps what `record` makes, every few minutes until `end`.
    func keepRegularly(_ record: @escaping () -> DHTRecord, onProblem: @escaping @Sendable (SystemError) -> Void) {
        cancelTimer()
        timer = reactor.setTimer(after: Self.interval) { [weak self] in
            guard let self else { return }
            // The disk has not finished the last one: further ones would wait behind it.
            if isOpen, !isWriting { write(record(), onProblem: onProblem) }
            keepRegularly(record, onProblem: onProblem)
        }
    }

    /// Keeps `record`, nil for nothing new; after that another process may have the file.
    func end(_ record: DHTRecord?, onProblem: @escaping @Sendable (SystemError) -> Void) {
        life += 1
        cancelTimer()
        if isOpen, let record { write(record, onProblem: onProblem) }
        isOpen = false
        worker.perform { [file] in file.close() }
    }

    private func write(_ record: DHTRecord, onProblem: @escaping @Sendable (SystemError) -> Void) {
        isWriting = true
        writing.enter()
        let reply = reactor.reply { [weak self] (_: Void) in self?.isWriting = false }
        worker.perform { [file, writing] in
            do throws(SystemError) { try file.store.save(record) } catch { onProblem(error) }
            writing.leave()
            reply.send(())
        }
    }

    private func cancelTimer() {
        if let timer { reactor.cancel(timer) }
        timer = nil
    }

    // MARK: The end of the process

    /// `hasEnded` follows, when all that is to be written is with the worker.
    func willEnd() {
        endings.add(1, ordering: .relaxed)
        writing.enter()
    }

    func hasEnded() {
        endings.subtract(1, ordering: .relaxed)
        writing.leave()
    }

    deinit {
        // A group that is freed while somebody is in it traps: the reactor may have stopped before.
        for _ in 0..<endings.load(ordering: .relaxed) { writing.leave() }
    }

    /// Waits until what was to be kept is on the disk, but no longer than people would. From any thread.
    func waitUntilKept() { _ = writing.wait(timeout: .now() + Self.patience) }
}

/// The file and its lock, in the hands of the one worker.
private final class DHTFile: Sendable {
    let store: DHTStore
    private let lock = Mutex<RecordLock?>(nil)

    init(_ store: DHTStore) {
        self.store = store
    }

    /// What there is, and whether it is for us to replace. Two must not go by the same id: only whoever is sure to be
    /// the one who has it goes by that which was kept.
    func open(keeps: Bool) -> (DHTStore.Found, Bool) {
        guard keeps else { return (store.load().withoutIDs, false) }
        switch store.claim() {
        case .ours(let lock):
            self.lock.withLock { $0 = lock }
            return (store.load(), true)
        case .unknown: return (store.load().withoutIDs, true)
        case .others: return (store.load().withoutIDs, false)
        }
    }

    func close() {
        lock.withLock { lock in
            lock?.release()
            lock = nil
        }
    }
}
