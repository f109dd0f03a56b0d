internal import CommandLineKit
internal import TorrentIO

/// `p2p-tracker`: runs a tracker.
@main
enum Program {
    static let version = "0.1.0"

    static let table: CommandProgram = .init(name: "p2p-tracker", version: version, command: TrackerCommand.command)

    static func main() {
        table.main(ProcessEnvironment.arguments)
    }
}
