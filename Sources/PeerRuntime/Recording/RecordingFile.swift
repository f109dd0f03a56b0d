import ByteStrings
import Dispatch
import Synchronization
import TorrentCore
import TorrentIO

/// One recording on its way to the disk. What is handed over while an earlier part is being written is written after
/// it, in one go. If one cannot be written, none is any more, and that is told at once, and once.
final class RecordingFile: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isWriting = false
        var hasFailed = false
    }

    /// What may wait for the disk, bytes; with more, whoever brings it waits as well.
    private static let mostWaiting = 16 << 20
    /// Names that are tried.
    private static let mostNumber = 100_000

    private let torrent: InfoHash
    private let folder: ByteString
    private let queue: DispatchQueue
    /// Called on `queue`, so that whoever waits for that has been told; the session may be gone by then.
    private let onFailure: @Sendable (SystemError) -> Void
    private let state = Mutex(State())
    /// Made with the first part; touched on `queue` alone.
    private let file = Mutex<AppendedFile?>(nil)

    init(
        _ torrent: InfoHash, in folder: ByteString, _ queue: DispatchQueue,
        onFailure: @escaping @Sendable (SystemError) -> Void
    ) {
        self.torrent = torrent
        self.folder = folder
        self.queue = queue
        self.onFailure = onFailure
    }

    /// False if an earlier part could not be written: then no further one is.
    func write(_ text: [UInt8]) -> Bool {
        let (hasFailed, begins, isBehind) = state.withLock { state in
            guard !state.hasFailed else { return (true, false, false) }
            state.waiting += text
            defer { state.isWriting = true }
            return (false, !state.isWriting, state.waiting.count > Self.mostWaiting)
        }
        if begins { queue.async { self.writeWaiting() } }
        if isBehind { queue.sync {} }
        return !hasFailed
    }

    private func writeWaiting() {
        do throws(SystemError) {
            while let part = nextPart() { try append(part) }
        } catch {
            state.withLock { state in
                state.hasFailed = true
                state.waiting = []
            }
            onFailure(error)
        }
    }

    private func append(_ part: [UInt8]) throws(SystemError) {
        let known = file.withLock(\.self)
        var grown = if let known { known } else { try newFile() }
        try grown.append(part)
        file.withLock { [grown] in $0 = grown }
    }

    private func nextPart() -> [UInt8]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Under the first name that nobody has: the torrent's, and a number.
    private func newFile() throws(SystemError) -> AppendedFile {
        var number = 1
        while true {
            do throws(SystemError) {
                return try AppendedFile(new: folder.appending("\(torrent.hex)-\(number).recording"))
            } catch {
                guard error.isExisting, number < Self.mostNumber else { throw error }
                number += 1
            }
        }
    }
}
