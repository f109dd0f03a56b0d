internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentIO

/// What was typed in earlier consoles, in the user's state folder, readable by the user alone.
struct HistoryFile: Sendable {
    private let path: ByteString

    private static let mostBytes = 1 << 20
    /// How often, and how soon, it is tried again while another console writes.
    private static let (attempts, pause) = (20, Duration.milliseconds(10))

    /// Nil if nothing is to be kept, or there is nowhere to keep it.
    init?() {
        let isRefused = ProcessEnvironment.value(of: "P2P_NO_HISTORY").map { !$0.isEmpty } ?? false
        guard !isRefused, let folder = ResumeStore.ofUser().folder else { return nil }
        path = folder.appending("console-history")
    }

    /// Oldest first; nothing of what cannot be read.
    func load() -> LineHistory { standing ?? LineHistory() }

    /// Nil if something stands there that cannot be read, is no file, or is too long to be one of ours: nothing may be
    /// put in its place.
    private var standing: LineHistory? {
        do throws(SystemError) {
            let bytes = try AtomicFile.readRegular(path, limit: Self.mostBytes)
            return LineHistory(ByteString(bytes).split(separator: "\n"))
        } catch {
            return error.isNotFound ? LineHistory() : nil
        }
    }

    /// Adds a line to what other consoles have added meanwhile. What cannot be kept is not worth a word.
    func add(_ line: ByteString) {
        guard let lock = try? LockFile(path + ".lock"), Self.waits(for: lock) else { return }
        defer { lock.unlock(0) }
        guard var history = standing, history.add(line) else { return }
        var room = Self.mostBytes
        let kept = history.lines.reversed().prefix { line in
            room -= line.bytes.count + 1
            return room >= 0
        }
        guard (try? AtomicFile.expectRegular(path)) != nil else { return }
        try? AtomicFile.write(kept.reversed().flatMap { $0.bytes + [0x0A] }, to: path, mode: 0o600)
    }

    /// Where locks are not known, nobody waits.
    private static func waits(for lock: LockFile) -> Bool {
        for _ in 0..<attempts {
            if lock.lock(0, exclusive: true) != .taken { return true }
            Monitor.sleep(for: pause)
        }
        return false
    }
}
