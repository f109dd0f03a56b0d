import Synchronization

/// Bytes of torrents that have come and wait for the catalogue's worker.
final class UploadsWaiting: Sendable {
    private let bytes = Mutex(0)

    /// Most of them.
    private static let limit = 64 << 20

    /// False if there is no room.
    func enter(_ count: Int) -> Bool {
        bytes.withLock { bytes in
            guard bytes + count <= Self.limit else { return false }
            bytes += count
            return true
        }
    }

    func leave(_ count: Int) { bytes.withLock { $0 -= count } }
}
