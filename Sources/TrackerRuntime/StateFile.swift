import ByteStrings
import TorrentCore
import TorrentIO
import TrackerEngine

/// Where a tracker keeps its swarms between runs.
struct StateFile: Sendable {
    let path: ByteString

    /// Longest file that is read, bytes: some hundred million peers.
    private static let lengthLimit = 4 << 30

    /// Reads the swarms into `tracker`. A file that cannot be used is put aside under another name, never deleted, and
    /// the warning says where it is; a missing one is no cause for it.
    func load(into tracker: inout Tracker, at now: Moment) -> TrackerWarning? {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try AtomicFile.readWhole(path, limit: Self.lengthLimit)
        } catch {
            if error.isNotFound { return nil }
            return putAside(because: error.text)
        }
        do throws(TrackerSnapshotError) {
            let seconds = WallClock.secondsSince1970()
            _ = try bytes.withBytes { span throws(TrackerSnapshotError) in
                try tracker.restore(span, secondsSince1970: seconds, at: now)
            }
            return nil
        } catch {
            return putAside(because: error.description)
        }
    }

    private func putAside(because reason: String) -> TrackerWarning {
        let other: ByteString = "\(path).unreadable-\(WallClock.secondsSince1970())"
        let moved = AtomicFile.move(path, to: other)
        return .stateUnreadable(path: path, reason: reason, movedTo: moved ? other : nil)
    }

    /// Writes the parts of a snapshot; on a worker, for it waits for the disk.
    func write(_ parts: [[UInt8]]) -> TrackerWarning? {
        do throws(SystemError) {
            try AtomicFile.write(Array(parts.joined()), to: path)
            return nil
        } catch {
            return .stateNotWritten(path: path, reason: error.text)
        }
    }
}
