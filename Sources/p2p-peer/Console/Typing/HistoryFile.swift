internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentIO

/// What was typed in earlier consoles, in the user's state folder, readable by the user alone.
struct HistoryFile: Sendable {
    private let path: ByteString

    private static let mostBytes = 1 << 20

    /// Nil if nothing is to be kept, or there is nowhere to keep it.
    init?() {
        let isRefused = ProcessEnvironment.value(of: "P2P_NO_HISTORY").map { !$0.isEmpty } ?? false
        guard !isRefused, let folder = ResumeStore.ofUser().folder else { return nil }
        path = folder.appending("console-history")
    }

    /// Oldest first; nothing of what is no file, or too long to be one of ours.
    func load() -> LineHistory {
        guard let bytes = try? AtomicFile.readRegular(path, limit: Self.mostBytes) else { return LineHistory() }
        return LineHistory(ByteString(bytes).split(separator: "\n"))
    }

    /// Adds a line to what other consoles have added meanwhile. What cannot be kept is not worth a word.
    func add(_ line: ByteString) {
        var history = load()
        guard history.add(line) else { return }
        var bytes: [UInt8] = []
        for line in history.lines.reversed() where bytes.count + line.bytes.count < Self.mostBytes {
            bytes = line.bytes + [0x0A] + bytes
        }
        guard (try? AtomicFile.expectRegular(path)) != nil else { return }
        try? AtomicFile.write(bytes, to: path, mode: 0o600)
    }
}
