internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore
internal import TrackerRuntime

/// What a running tracker tells people: requests with `-v`, and what went wrong.
enum RunMessages {
    static func say(_ request: TrackerRequestLog, on output: Output) {
        output.message(
            "\(TerminalText(request.transport.rawValue).padded(to: 4)) \(request.source)  \(line(request.outcome))",
            level: 1)
    }

    private static func line(_ outcome: TrackerRequestLog.Outcome) -> TerminalText {
        switch outcome {
        case .announce(let request, let peers):
            let event: TerminalText = request.event == .none ? "" : " \("\(request.event)")"
            let left: TerminalText =
                request.left == AnnounceRequest.unknownLeft ? "unknown" : "\(request.left)"
            return "announce\(event) \(request.infoHash) port \(request.port) left \(left): \(peers) peers"
        case .scrape(let torrents): return "scrape of \(torrents)"
        case .page(let path, let status): return "\(path) \(status)"
        case .refused(let reason): return "refused: \(reason)"
        }
    }

    static func say(_ warning: TrackerWarning, on output: Output) {
        let text: TerminalText =
            switch warning {
            case .stateUnreadable(let path, let reason, let other):
                if let other {
                    "\(path) cannot be used (\(reason)); it was put aside as \(other), and the tracker starts empty"
                } else {
                    "\(path) cannot be used (\(reason)); the tracker starts empty and will replace it"
                }
            case .stateNotWritten(let path, let reason): "the state could not be written to \(path): \(reason)"
            case .outOfDescriptors: "no descriptors are left: new connections have to wait (see ulimit -n)"
            }
        output.message("\(TerminalText("warning", style: .bad)): \(text)")
    }
}
