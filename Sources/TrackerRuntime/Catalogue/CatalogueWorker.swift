import Dispatch
import Synchronization
import TorrentCore
import TorrentIO

/// Changes the catalogue, one change after the other, beside the reactors: reading a torrent and keeping it take their
/// time.
final class CatalogueWorker: Sendable {
    private let queue = DispatchQueue(label: "tracker catalogue")
    private let waiting = WaitingRoom(count: mostWaiting, bytes: mostBytesWaiting)
    private let stopping = Atomic(false)

    /// Changes that wait, and bytes of torrents that they bring.
    private static let mostWaiting = 1_000
    private static let mostBytesWaiting = 64 << 20

    /// How many changes wait or are being made.
    var waitingCount: Int { waiting.count }
    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Makes a change that brings so many bytes, and sends what came of it; `makeReply` is called if it has been taken.
    func perform<Value: Sendable>(
        _ bytes: Int, _ change: @escaping @Sendable () throws(CatalogueRefusal) -> Value,
        telling makeReply: () -> Reply<Result<Value, CatalogueRefusal>>
    ) throws(CatalogueRefusal) {
        guard !isStopping else { throw .stopping }
        guard waiting.enter(bytes) else { throw .busy }
        let reply = makeReply()
        queue.async { [self] in
            defer { waiting.leave(bytes) }
            // Who ends the tracker does not wait for what others have queued.
            guard !isStopping else { return reply.send(.failure(.stopping)) }
            reply.send(Result { () throws(CatalogueRefusal) in try change() })
        }
    }

    /// Makes a change and waits for it; for the owner of the process.
    func sync<Value>(_ change: () -> Value) -> Value { queue.sync(execute: change) }

    /// Refuses what waits from now on, and returns when the change under way is made.
    func stop() {
        stopping.store(true, ordering: .releasing)
        queue.sync {}
    }
}
