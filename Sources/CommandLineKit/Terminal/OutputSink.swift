internal import Synchronization

/// Where the bytes of a terminal or a pipe go: straight there, waiting for whoever reads, or through a queue that
/// never waits.
final class OutputSink: Sendable {
    /// The result of a write.
    enum Outcome: Equatable {
        case done
        /// There was no room.
        case dropped
        /// With an `errno`.
        case failed(Int32)
    }

    private enum Way {
        case descriptor(Int32)
        case memory(@Sendable ([UInt8]) -> Bool)
    }

    private let way: Way
    private let queue = Mutex<LineQueue?>(nil)

    init(descriptor: Int32) { way = .descriptor(descriptor) }

    init(memory: @escaping @Sendable ([UInt8]) -> Bool) { way = .memory(memory) }

    /// From now on nothing waits; does nothing in memory, which never does.
    func use(_ queue: LineQueue) { self.queue.withLock { $0 = queue } }

    /// Writes bytes that make `lines` lines.
    func write(_ bytes: [UInt8], lines: Int = 1) -> Outcome {
        switch way {
        case .memory(let write): return write(bytes) ? .done : .failed(Platform.brokenPipe)
        case .descriptor(let descriptor):
            if let queue = queue.withLock({ $0 }) {
                return queue.put(bytes, lines: lines, to: descriptor) ? .done : .dropped
            }
            let (_, error) = Platform.write(bytes[...], to: descriptor)
            return error.map { .failed($0) } ?? .done
        }
    }

    /// False if a write would have to wait.
    var hasRoom: Bool {
        switch way {
        case .memory: true
        case .descriptor(let descriptor): queue.withLock { $0 }?.isIdle ?? Platform.hasRoom(descriptor)
        }
    }

    /// The same, for a frame that is left out if there is none: the queue then says when it is empty.
    func hasRoomForFrame() -> Bool { queue.withLock { $0 }?.isIdleOrTells() ?? hasRoom }

    /// How many lines were dropped, if that can be said now; else 0.
    func takeLost() -> Int { queue.withLock { $0 }?.takeLost() ?? 0 }

    func flush() { queue.withLock { $0 }?.flush() }

    func isSame(as other: OutputSink) -> Bool {
        if self === other { return true }
        guard case .descriptor(let mine) = way, case .descriptor(let its) = other.way else { return false }
        return Platform.isSameFile(mine, its)
    }
}
