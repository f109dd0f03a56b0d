import ByteStrings
import Dispatch
import Synchronization
import TorrentCore
import TorrentIO

/// One recording on its way to the disk. What is handed over while an earlier part is being written is written after
/// it, in one go.
final class RecordingFile: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var isWriting = false
        var failure: SystemError?
    }

    /// What may wait for the disk, bytes; with more, whoever brings it waits as well.
    private static let mostWaiting = 16 << 20
    /// Names that are tried.
    private static let mostNumber = 100_000

    private let torrent: InfoHash
    private let folder: ByteString
    private let queue: DispatchQueue
    private let state = Mutex(State())
    /// Made with the first part; touched on `queue` alone.
    private let file = Mutex<AppendedFile?>(nil)

    init(_ torrent: InfoHash, in folder: ByteString, _ queue: DispatchQueue) {
        self.torrent = torrent
        self.folder = folder
        self.queue = queue
    }

    /// Throws what kept an earlier part from the disk; no further one gets there.
    func write(_ text: [UInt8]) throws(SystemError) {
        let (failure, begins, isBehind) = state.withLock { state in
            state.waiting += text
            defer { state.isWriting = true }
            return (state.failure, !state.isWriting, state.waiting.count > Self.mostWaiting)
        }
        if let failure { throw failure }
        if begins { queue.async { self.writeWaiting() } }
        if isBehind { queue.sync {} }
    }

    private func writeWaiting() {
        while let part = nextPart() {
            do throws(SystemError) {
                try openFile().append(part)
            } catch {
                state.withLock { $0.failure = error }
                return
            }
        }
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
    private func openFile() throws(SystemError) -> AppendedFile {
        if let file = file.withLock(\.self) { return file }
        var number = 1
        while true {
            do throws(SystemError) {
                let new = try AppendedFile(new: folder.appending("\(torrent.hex)-\(number).recording"))
                file.withLock { $0 = new }
                return new
            } catch {
                guard error.isExisting, number < Self.mostNumber else { throw error }
                number += 1
            }
        }
    }
}
