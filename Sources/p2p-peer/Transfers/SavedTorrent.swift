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

    /// `--overwrite` of `seed`, which writes nothing else.
    static let overwrite = Option(TransferOptions.overwrite.name, help: "replace FILE")

    private let file: OutputFile
    var path: ByteString { file.path }
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
        file = OutputFile(
            path: path, replaces: arguments.isOnCommandLine(TransferOptions.overwrite), replacing: "--overwrite")
        self.output = output
        try file.check()
    }

    /// A pipe or a device.
    private static func isStream(_ path: ByteString) -> Bool {
        if case .stream = (try? WriteTarget(path))?.standing { true } else { false }
    }

    /// Begins to write it, the first time that it is called. `namesTracker`: with the tracker that runs here, which the
    /// torrent did not name before.
    func save(_ metainfo: Metainfo, namesTracker: Bool = false) {
        let isFirst = state.withLock { state in
            defer { state.isBegun = true }
            return !state.isBegun
        }
        guard isFirst else { return }
        worker.perform { [self] in
            do throws(CommandError) {
                try file.write(metainfo.encoded)
                tell(metainfo, namesTracker)
            } catch {
                output.error(error, program: "p2p-peer")
                state.withLock { $0.error = error }
            }
        }
    }

    private func tell(_ metainfo: Metainfo, _ namesTracker: Bool) {
        guard output.isJSON else {
            let who: TerminalText = namesTracker ? ", and names the tracker here: for those who take no links" : ""
            return output.message("\(file.path) is written\(who)")
        }
        let tiers = metainfo.trackerTiers.map { tier in JSONValue.array(tier.map { .string($0) }) }
        output.event(
            .object([
                .init("event", "torrent_saved"), .init("infohash", .string(metainfo.infoHash.description)),
                .init("path", .bytes(file.path)), .init("announce", .array(tiers)),
            ]))
    }

    /// Waits until it is written; the error if it could not be.
    func finish() -> CommandError? {
        worker.waitUntilIdle()
        return state.withLock(\.error)
    }
}
