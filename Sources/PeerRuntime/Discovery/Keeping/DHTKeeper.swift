import DHTEngine
import Dispatch
import Synchronization
import TorrentCore
import TorrentIO

/// Has what the DHT keeps between runs (BEP 5) read and written by workers. Confined to a reactor, but for the waiting.
// @unchecked: confined to the reactor of its service, but for `waitUntilKept`.
final class DHTKeeper: @unchecked Sendable {
    let store: DHTStore
    private let workers: BlockingWorkers
    /// What keeps other processes from the file; without it nothing is kept.
    private var lock: RecordLock?
    /// Entered while something is written that must not be lost.
    private let writing = DispatchGroup()
    /// How many have said that they will end, and have not.
    private let endings = Atomic(0)

    static let interval = Duration.seconds(240)
    /// The longest that somebody who wants to end waits.
    private static let patience = DispatchTimeInterval.milliseconds(500)

    init(_ store: DHTStore, _ workers: BlockingWorkers) {
        self.store = store
        self.workers = workers
    }

    /// Tells what there is. With `keeps`, it is ours from now on, unless another process has it: then there is nothing.
    func load(keeps: Bool, on reactor: Reactor, _ body: @escaping (DHTStore.Found) -> Void) {
        let reply = reactor.reply { [self] (lock: RecordLock?, found: DHTStore.Found) in
            self.lock = lock
            body(found)
        }
        workers.perform(reply: reply) { [store] in
            guard keeps else { return (nil, store.load()) }
            guard let lock = store.lock() else { return (nil, .nothing) }
            return (lock, store.load())
        }
    }

    /// With `isLast`, another process may have it after that.
    func keep(_ record: DHTRecord, isLast: Bool = false, onProblem: @escaping @Sendable (SystemError) -> Void) {
        guard let lock else { return }
        if isLast { self.lock = nil }
        writing.enter()
        workers.perform { [store, writing] in
            do throws(SystemError) { try store.save(record) } catch { onProblem(error) }
            if isLast { lock.release() }
            writing.leave()
        }
    }

    /// Nobody waits for what is being loaded any more.
    func letGo() {
        lock?.release()
        lock = nil
    }

    /// `hasEnded` follows, when all that is to be written is with the workers.
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
