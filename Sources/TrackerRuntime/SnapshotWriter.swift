import Dispatch
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
        service.reactor.setTimer(after: service.configuration.stateInterval) { [weak self] in
            self?.begin()
            self?.schedule()
        }
    }

    private func begin() {
        guard !isUnderWay else { return }
        isUnderWay = true
        var header: [UInt8] = []
        TrackerSnapshot.appendHeader(secondsSince1970: WallClock.secondsSince1970(), to: &header)
        goOn(fromSlot: 0, [header])
    }

    private func goOn(fromSlot slot: Int, _ parts: [[UInt8]]) {
        var parts = parts
        if let next = appendFrame(fromSlot: slot, to: &parts) {
            return service.reactor.performLater { [weak self] in self?.goOn(fromSlot: next, parts) }
        }
        let reply = service.reactor.reply { [weak self] (warning: TrackerWarning?) in
            self?.isUnderWay = false
            if let warning { self?.service.configuration.onWarning?(warning) }
        }
        queue.async { [file, parts] in reply.send(file.write(parts)) }
    }

    private func appendFrame(fromSlot slot: Int, to parts: inout [[UInt8]]) -> Int? {
        var frame: [UInt8] = []
        let next = service.tracker.appendFrame(
            fromSlot: slot, budget: Self.frameBudget, at: service.reactor.now, to: &frame)
        if next == nil { TrackerSnapshot.appendEnd(to: &frame) }
        parts.append(frame)
        return next
    }

    /// Writes the state at the end of the run, behind whatever is being written; returns when it is on the disk.
    func finish() -> TrackerWarning? {
        var parts: [[UInt8]] = [[]]
        TrackerSnapshot.appendHeader(secondsSince1970: WallClock.secondsSince1970(), to: &parts[0])
        var slot: Int? = 0
        while let from = slot { slot = appendFrame(fromSlot: from, to: &parts) }
        return queue.sync { [parts] in file.write(parts) }
    }
}
