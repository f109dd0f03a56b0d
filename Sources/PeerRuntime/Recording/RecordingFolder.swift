import ByteStrings
import Dispatch
import PeerEvents
import TorrentCore
import TorrentIO

/// The folder in which the sessions of a node write down what happens to their brains, where somebody wants that: one
/// file a session, never in the place of another one.
final class RecordingFolder: Sendable {
    private let path: ByteString
    /// Makes the files and writes to them, so that no reactor waits for the disk.
    private let queue = DispatchQueue(label: "p2p.record")
    private let onEvent: @Sendable (PeerEvent) -> Void

    /// `onEvent` hears of a recording that ends before its session does.
    init(_ path: ByteString, onEvent: @escaping @Sendable (PeerEvent) -> Void) throws(PeerFailure) {
        self.path = path
        self.onEvent = onEvent
        do throws(SystemError) {
            try AppendedFile.expectRoom(in: path)
        } catch {
            let what = "cannot record in \(path): "
            guard !error.isNotFound else { throw PeerFailure(.notFound, what + "no such folder, make it first") }
            throw PeerFailure(.io, what + error.text.lowercased())
        }
    }

    /// Somewhere to write down what happens to one session of this torrent.
    func newFile(of torrent: InfoHash) -> RecordingFile {
        RecordingFile(torrent, in: path, queue) { [onEvent] error in
            onEvent(.notice(torrent, PeerNotice(code: "recording_ended", text: "no longer recorded: \(error)")))
        }
    }

    /// Waits until all that was handed over has been written, or it has been told that it cannot be.
    func waitUntilWritten() { queue.sync {} }
}
