internal import CommandLineKit

/// TORRENT on the command line.
enum TorrentArgument {
    static let one = CommandSpec.Argument(
        "TORRENT", completion: .fileEnding("torrent"), help: "a .torrent file; - is standard input")
    static let many = CommandSpec.Argument(
        "TORRENT", .oneOrMore, completion: .fileEnding("torrent"), help: ".torrent files; - is standard input")
}
