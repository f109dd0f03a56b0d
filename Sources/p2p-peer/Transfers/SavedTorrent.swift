internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import Synchronization
internal import TorrentCore
internal import TorrentIO

/// The .torrent that `--save-torrent` writes once it is known what is in it, on a thread of its own.
final class SavedTorrent: Sendable {
    static let option = Option(
        "save-torrent", value: "FILE", completion: .fileEnding("torrent"),
        help: "write the .torrent there as soon as it is known")

    private let file: OutputFile
    private let output: Output
    private let worker = BlockingWorkers(name: "p2p.save", count: 1)
    private let state = Mutex(State())

    private struct State {
        var isBegun = false
        var error: CommandError?
    }

    /// Nil if it was not asked for. Throws if it could not be written; one torrent goes into one file.
    init?(_ arguments: ParsedArguments, torrents: Int, _ output: Output) throws(CommandError) {
        guard let path = try arguments.value(Self.option, .path) else { return nil }
        guard torrents == 1 else {
            throw CommandError(.usage, "--save-torrent writes one torrent: start one command for each")
        }
        guard !FileStatus.isFolder(path) else {
            throw CommandError(.inputOutput, "--save-torrent: \(path) is a folder; name a file")
        }
        // What comes from strangers is no text for a terminal, and nobody may be reading a pipe when all else has
        // ended.
        guard path != "-", !FileStatus.isStandardOutput(path), !Self.isStream(path) else {
            throw CommandError(.inputOutput, "--save-torrent: \(path) is no file; name a file")
        }
        file = OutputFile(path: path, replaces: arguments.has(TransferOptions.overwrite), replacing: "--overwrite")
        self.output = output
        try file.check()
    }

    /// A pipe or a device.
    private static func isStream(_ path: ByteString) -> Bool {
        if case .stream = (try? WriteTarget(path))?.standing { true } else { false }
    }

    /// A torrent that is known already, or has become so; for any thread.
    func note(_ event: PeerEvent) {
        if case .metadataComplete(let metainfo) = event { save(metainfo) }
    }

    /// Begins to write it, the first time that it is called.
    func save(_ metainfo: Metainfo) {
        let isFirst = state.withLock { state in
            defer { state.isBegun = true }
            return !state.isBegun
        }
        guard isFirst else { return }
        worker.perform { [self] in
            do throws(CommandError) {
                try file.write(metainfo.encoded)
                tell(metainfo.infoHash)
            } catch {
                output.error(error, program: "p2p-peer")
                state.withLock { $0.error = error }
            }
        }
    }

    private func tell(_ infoHash: InfoHash) {
        guard output.isJSON else { return output.message("\(file.path) is written") }
        output.event(
            .object([
                .init("event", "torrent_saved"), .init("infohash", .string(infoHash.description)),
                .init("path", .bytes(file.path)),
            ]))
    }

    /// Waits until it is written; the error if it could not be.
    func finish() -> CommandError? {
        worker.waitUntilIdle()
        return state.withLock(\.error)
    }
}
