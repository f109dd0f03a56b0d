internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore
internal import TorrentIO

/// `p2p-peer`: makes, shows, verifies, seeds and fetches torrents.
@main
enum Program {
    static let table: CommandProgram = .init(
        name: "p2p-peer", version: SuiteVersion.text,
        summary: "Makes, shows, verifies, seeds and downloads torrents.",
        commands: [
            MakeCommand.command, ShowCommand.command, VerifyCommand.command, MagnetCommand.command, SeedCommand.command,
            LeechCommand.command, ShareCommand.command, GetCommand.command, BrowseCommand.command,
            PublishCommand.command, UnpublishCommand.command, ConsoleCommand.command, DHTCommand.command,
            HelpCommand.command,
            CompletionCommand.command,
        ], others: trackerSettings)

    /// The settings of `p2p-tracker` in the shared configuration file.
    private static let trackerSettings = SettingNames(
        sections: ["tracker"],
        keys: [
            "port", "bind", "state", "interval", "lanes", "trust-proxy", "external-address", "publish-token-file",
            "open-catalogue", "listed-only", "no-catalogue",
        ])

    static func main() {
        ProcessLimits.ignoreBrokenPipes()
        table.main(ProcessEnvironment.arguments, environment: ProcessEnvironment.variables)
    }
}
