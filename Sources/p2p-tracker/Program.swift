internal import CommandLineKit
internal import TorrentCore
internal import TorrentIO

/// `p2p-tracker`: runs a tracker.
@main
enum Program {
    static let table: CommandProgram = .init(
        name: "p2p-tracker", version: SuiteVersion.text, command: TrackerCommand.command, others: peerSettings)

    /// The settings of `p2p-peer` in the shared configuration file.
    private static let peerSettings = SettingNames(
        sections: [
            "make", "create", "show", "verify", "magnet", "seed", "leech", "download", "share", "get", "browse",
            "publish", "unpublish", "console", "dht", "help", "completion",
        ],
        keys: [
            "announce", "piece-length", "output", "name", "comment", "private", "source", "web-seed", "exclude",
            "include", "threads", "force", "dry-run", "date", "no-date", "dir", "listen", "peer", "tracker",
            "upload-limit", "download-limit", "max-peers", "seed-ratio", "seed-time", "private-incoming",
            "exit-when-done", "overwrite", "no-exchange", "no-dht", "dht-bootstrap", "no-lsd", "lan-unlimited", "node",
            "super-seed", "save-torrent", "fetch", "timeout", "seed", "use-path", "pieces", "until", "once", "time",
            "qr", "to", "token-file", "keep-going",
        ])

    static func main() {
        ProcessLimits.ignoreBrokenPipes()
        table.main(ProcessEnvironment.arguments, environment: ProcessEnvironment.variables)
    }
}
