internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore
internal import TrackerRuntime

/// Messages of a running tracker: requests with `-v`, and warnings.
enum RunMessages {
    static func say(_ request: TrackerRequestLog, on output: Output) {
        output.log(
            "\(TerminalText(request.transport.rawValue).padded(to: 4)) \(request.source)  \(line(request.outcome))",
            level: 1)
    }

    private static func line(_ outcome: TrackerRequestLog.Outcome) -> TerminalText {
        switch outcome {
        case .announce(let request, let peers):
            let event: TerminalText = request.event == .none ? "" : " \("\(request.event)")"
            let left: TerminalText =
                request.left == AnnounceRequest.unknownLeft ? "unknown" : "\(request.left)"
            return "announce\(event) \(request.infoHash) port \(request.port) left \(left): peers told: \(peers)"
                + ignored(request)
        case .scrape(let torrents): return "scrape of \(torrents)"
        case .page(let path, let status): return "\(path) \(status)"
        case .refused(let reason): return "refused: \(reason)"
        }
    }

    /// What of an announce could not be read.
    private static func ignored(_ request: AnnounceRequest) -> TerminalText {
        guard !request.ignored.isEmpty else { return "" }
        let names = request.ignored.names.map { TerminalText("\($0)") }
        return ", ignored: \(TerminalText.joined(names, by: ", "))"
    }

    static func say(_ warning: TrackerWarning, on output: Output) {
        let text: TerminalText =
            switch warning {
            case .stateDamaged(let path, let reason, let other):
                "\(path): \(reason); it is kept as \(other), and the tracker starts empty"
            case .stateIsOld(let path, let loss, let other): "\(path): \(line(loss)); it is kept as \(other)"
            case .stateEmpty(let path): "\(path) is empty, and so is the tracker"
            case .stateTimeUnknown(let path):
                "the clock is, or was, wrong: the peers in \(path) count as heard just now"
            case .stateNotWritten(let path, let reason, _): "the state could not be written to \(path): \(reason)"
            case .catalogueNotRead(let path, let count, let first):
                "\(path): not listed, for it cannot be read or has no room: \(first)\(others(count))"
            case .catalogueForeign(let path, let count, let first):
                "\(path): not of the catalogue, and left alone: \(first)\(others(count))"
            case .catalogueNotWritten(let path, let reason):
                "a torrent that is listed no more could not be removed from \(path): \(reason)"
            case .silentProxy(let proxy):
                "no X-Forwarded-For from \(proxy): nobody is told of its clients"
            case .outOfDescriptors: "no descriptors are left: new connections have to wait (see ulimit -n)"
            }
        output.message("\(TerminalText("warning", style: .bad)): \(text)")
    }

    private static func others(_ count: Int) -> TerminalText {
        count > 1 ? " and \(count - 1) more" : ""
    }

    private static func line(_ loss: StateLoss) -> TerminalText {
        switch loss {
        case .silent(let peers, let rest):
            let hours = rest.components.seconds / 3_600
            let age: TerminalText =
                hours < 1 ? "minutes" : hours < 48 ? "\(hours) hours" : "\(hours / 24) days"
            return "it is \(age) old, so its \(peers) peers have gone, torrents and counts are there"
        case .refused(let count): return "\(count) of its torrents and peers are more than there may be"
        case .version: return "it comes from an earlier version, and is written anew"
        }
    }
}
