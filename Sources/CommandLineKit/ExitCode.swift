/// How a command ended, as the shell sees it: a promise to scripts, so a number never changes its meaning.
package enum ExitCode: Int32, Sendable, CaseIterable {
    case success = 0
    case failure = 1
    case usage = 2
    case notFound = 3
    case badTorrent = 4
    case inputOutput = 5
    case verifyFailed = 6
    case unfinished = 7
    case network = 8
    case diskFull = 9
    case interrupted = 130

    /// The identifier in `--json` errors.
    package var slug: String {
        switch self {
        case .success: "success"
        case .failure: "error"
        case .usage: "usage"
        case .notFound: "not_found"
        case .badTorrent: "bad_torrent"
        case .inputOutput: "io"
        case .verifyFailed: "verify_failed"
        case .unfinished: "unfinished"
        case .network: "network"
        case .diskFull: "disk_full"
        case .interrupted: "interrupted"
        }
    }

    /// For help pages and manuals.
    package var meaning: String {
        switch self {
        case .success: "done"
        case .failure: "an error that no other code names"
        case .usage: "the command line is wrong"
        case .notFound: "a file or folder that was named does not exist"
        case .badTorrent: "not a valid torrent or magnet link"
        case .inputOutput: "a file, or standard output, could not be read or written"
        case .verifyFailed: "the content differs from the torrent"
        case .unfinished: "stopped before the download was complete"
        case .network: "a port, address or tracker could not be used"
        case .diskFull: "no room left on the disk"
        case .interrupted: "interrupted where nothing was to be finished"
        }
    }
}
