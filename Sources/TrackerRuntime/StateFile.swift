import ByteStrings
import TorrentCore
import TorrentIO
import TrackerEngine

/// Where a tracker keeps its swarms between runs. Nothing but a state of ours is ever replaced or moved; links are
/// followed, and stay.
struct StateFile: Sendable {
    let path: ByteString

    /// Longest file that is read, bytes: some hundred million peers.
    private static let lengthLimit = 4 << 30
    /// Bytes at the start of a file that show whether it is a state.
    private static let beginningLength = 16
    /// Most files that are kept beside the state.
    private static let keptLimit = 999

    /// Why a state cannot be kept at a path.
    struct Failure: Error {
        let reason: String
        var isDiskFull = false

        init(_ reason: String) { self.reason = reason }

        init(_ error: SystemError) { (reason, isDiskFull) = (error.text, error.isNoSpace) }
    }

    // MARK: Reading

    /// Reads the swarms into `tracker`; what a person should know of it. A failure leaves everything as it is.
    func load(into tracker: inout Tracker, at now: Moment) throws(Failure) -> [TrackerWarning] {
        let place = try find()
        try Self.trying { () throws(SystemError) in
            try place.target.checkWritable()
            if place.target.standing == .file { try AtomicFile.checkMayWrite(place.target.path) }
        }
        guard place.target.standing == .file else { return [] }
        // Nothing can be lost, and the user may have made it for us.
        guard !place.isEmpty else { return [.stateEmpty(path: path)] }
        let bytes = try Self.trying { () throws(SystemError) in
            try AtomicFile.readRegular(place.target.path, limit: Self.lengthLimit)
        }
        return try restore(bytes, place.target.path, into: &tracker, at: now)
    }

    /// What is at the path, if it is nothing, an empty file or a state of ours; else an error.
    private func find() throws(Failure) -> (target: WriteTarget, isEmpty: Bool) {
        let target = try Self.trying { () throws(SystemError) in try WriteTarget(path) }
        switch target.standing {
        case .nothing: return (target, true)
        case .folder: throw Failure("it is a folder")
        case .stream, .disk: throw Failure("it is a pipe, a socket or a device")
        case .file: break
        }
        let beginning = try Self.trying { () throws(SystemError) in
            try AtomicFile.readBeginning(target.path, count: Self.beginningLength)
        }
        guard beginning.isEmpty || TrackerSnapshot.isBeginning(beginning) else {
            throw Failure("it is no state of a tracker; name another file")
        }
        return (target, beginning.isEmpty)
    }

    private func restore(
        _ bytes: [UInt8], _ target: ByteString, into tracker: inout Tracker, at now: Moment
    ) throws(Failure) -> [TrackerWarning] {
        let restored: RestoredSnapshot
        do throws(TrackerSnapshotError) {
            let seconds = WallClock.secondsSince1970()
            restored = try bytes.withBytes { span throws(TrackerSnapshotError) in
                try tracker.restore(span, secondsSince1970: seconds, at: now)
            }
        } catch {
            if case .unknownVersion = error { throw Failure(error.description) }
            return [.stateDamaged(path: path, reason: error.description, keptAs: try putAside(target))]
        }
        var warnings: [TrackerWarning] = restored.rest == nil ? [.stateTimeUnknown(path: path)] : []
        guard let why = StateLoss(restored) else { return warnings }
        warnings.append(.stateIsOld(path: path, why, keptAs: try keepCopy(of: bytes, at: target)))
        return warnings
    }

    // MARK: Keeping

    /// The names under which files are kept beside the state.
    private func keptNames(_ target: ByteString) -> [ByteString] {
        (1...Self.keptLimit).map { target + ($0 == 1 ? ".previous" : ".previous-\($0)") }
    }

    /// Moves a file that cannot be read to an unused name.
    private func putAside(_ target: ByteString) throws(Failure) -> ByteString {
        for name in keptNames(target) {
            do throws(SystemError) {
                try AtomicFile.putAside(target, as: name)
                return name
            } catch {
                guard error.isExisting else { throw Failure(error) }
            }
        }
        throw Failure("it is damaged, and \(Self.keptLimit) files are kept beside it already: remove some")
    }

    /// Keeps a copy of what the next write would destroy. What is at the path is nothing or a complete state, which has
    /// been read.
    private func keepCopy(of bytes: [UInt8], at target: ByteString) throws(Failure) -> ByteString {
        for name in keptNames(target) {
            guard let place = try? WriteTarget(name), place.standing == .nothing || Self.isWhole(place) else {
                continue
            }
            try Self.trying { () throws(SystemError) in
                try place.put(bytes, mode: 0o600, replaces: place.standing == .file)
            }
            return name
        }
        throw Failure("it is old, and \(Self.keptLimit) files are kept beside it already: remove some")
    }

    private static func isWhole(_ place: WriteTarget) -> Bool {
        guard place.standing == .file,
            let bytes = try? AtomicFile.readRegular(place.path, limit: lengthLimit)
        else { return false }
        return TrackerSnapshot.isWhole(bytes)
    }

    // MARK: Writing

    /// Writes the parts of a snapshot; on a worker, for it waits for the disk.
    func write(_ parts: [[UInt8]]) -> TrackerWarning? {
        do throws(Failure) {
            // The file there may be another by now.
            let target = try find().target
            try Self.trying { () throws(SystemError) in
                try target.put(Array(parts.joined()), mode: 0o666, replaces: true)
            }
            return nil
        } catch {
            return .stateNotWritten(path: path, reason: error.reason, isDiskFull: error.isDiskFull)
        }
    }

    static func trying<Result>(
        _ body: () throws(SystemError) -> Result
    ) throws(Failure) -> Result {
        do throws(SystemError) {
            return try body()
        } catch {
            throw Failure(error)
        }
    }
}

extension StateLoss {
    /// What was lost when a snapshot was read; nil if nothing was.
    fileprivate init?(_ restored: RestoredSnapshot) {
        if restored.refused > 0 {
            self = .refused(restored.refused)
        } else if restored.silentPeers > 0, restored.peers == 0 {
            self = .silent(peers: restored.silentPeers, rest: restored.rest ?? .zero)
        } else if restored.isOldVersion {
            self = .version
        } else {
            return nil
        }
    }
}
