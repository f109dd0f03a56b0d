import Dispatch
import Synchronization
import TorrentCore
import TorrentIO
import TrackerEngine

/// Takes a snapshot a stretch at a time between requests and has it written by a worker. Lives on the reactor.
final class SnapshotWriter {
    private let service: TrackerService
    private let file: StateFile
    private let queue = DispatchQueue(label: "tracker state")
    private var isUnderWay = false

    /// Swarms and peers put into one frame: well under a millisecond.
    private static let frameBudget = 10_000

    init(service: TrackerService, file: StateFile) {
        self.service = service
        self.file = file
    }

    /// Begins a snapshot every `stateInterval`.
    func schedule() {
        service.reactor.setTimer(after: service.shared.configuration.stateInterval) { [weak self] in
            self?.begin()
            self?.schedule()
        }
    }

    private func begin() {
        guard !isUnderWay else { return }
        isUnderWay = true
        var header: [UInt8] = []
        TrackerSnapshot.appendHeader(secondsSince1970: WallClock.secondsSince1970(), to: &header)
        goOn(from: SwarmCursor(), [header])
    }

    private func goOn(from cursor: SwarmCursor, _ parts: [[UInt8]]) {
        var parts = parts
        if let next = appendFrame(from: cursor, to: &parts) {
            return service.reactor.performLater { [weak self] in self?.goOn(from: next, parts) }
        }
        let reply = service.reactor.reply { [weak self] (warning: TrackerWarning?) in
            self?.isUnderWay = false
            if let warning { self?.service.shared.configuration.onWarning?(warning) }
        }
        queue.async { [file, parts] in reply.send(file.write(parts)) }
    }

    private func appendFrame(from cursor: SwarmCursor, to parts: inout [[UInt8]]) -> SwarmCursor? {
        var frame: [UInt8] = []
        // All but the header, which is the first part.
        let before = parts.dropFirst().reduce(0) { $0 + $1.count }
        let next = service.shared.tracker.withLock { tracker in
            let next = tracker.appendFrame(
                from: cursor, budget: Self.frameBudget, at: service.reactor.now, to: &frame)
            if next == nil { tracker.appendEnd(frameBytes: before + frame.count, to: &frame) }
            return next
        }
        parts.append(frame)
        return next
    }

    /// Writes the state at the end of the run, behind whatever is being written; returns when it is on the disk.
    func finish() -> TrackerWarning? {
        var parts: [[UInt8]] = [[]]
        TrackerSnapshot.appendHeader(secondsSince1970: WallClock.secondsSince1970(), to: &parts[0])
        var cursor: SwarmCursor? = SwarmCursor()
        while let from = cursor { cursor = appendFrame(from: from, to: &parts) }
        return queue.sync { [parts] in file.write(parts) }
    }
}
