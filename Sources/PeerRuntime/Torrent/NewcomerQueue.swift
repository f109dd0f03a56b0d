import Synchronization
import TorrentCore

/// Those who have announced themselves at the tracker of this process, on their way to the reactor of their torrent.
/// Anybody may announce as much as he likes, so there is room for some, and one job for all of them. For any thread.
final class NewcomerQueue: Sendable {
    private let waiting = Mutex<[Endpoint]>([])

    /// Further ones are passed over: they find us, and are found, by the answers of the tracker.
    static let limit = 64

    /// True if nobody was waiting: then somebody has to be told, who calls `takeAll`.
    func add(_ endpoint: Endpoint) -> Bool {
        waiting.withLock { waiting in
            guard waiting.count < Self.limit, !waiting.contains(endpoint) else { return false }
            waiting.append(endpoint)
            return waiting.count == 1
        }
    }

    func takeAll() -> [Endpoint] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
