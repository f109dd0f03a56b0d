internal import ByteStrings
internal import CommandLineKit
internal import Glibc
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO
internal import TransferReporting

/// What `seed` and `leech` both do: run a node until it is done or somebody ends it.
enum Transfer {
    static let exitCodes: [ExitCode] = [
        .success, .failure, .usage, .notFound, .badTorrent, .inputOutput, .unfinished, .network, .diskFull,
        .interrupted,
    ]

    static func run(_ role: PeerRole, _ arguments: ParsedArguments, _ output: Output) throws(CommandError) -> ExitCode {
        try KernelChoice.apply()
        try PollerChoice.check()
        var options = try TransferOptions.node(arguments)
        options.detail = PeerDetail(rawValue: max(0, min(output.verbosity, PeerDetail.words.rawValue))) ?? .connections
        let folder = try arguments.value(TransferOptions.folder, .path) ?? "."
        let (torrents, notices) = try torrents(arguments.positionals)
        role == .seed
            ? try ContentFolderArgument.mustExist(folder) : try ContentFolderArgument.mayBeNew(folder, output)
        var report = TransferReport(exitWhenDone: options.exitWhenDone)
        for metainfo in torrents { report.add(metainfo.infoHash, name: metainfo.name.description, role: role) }
        let view = TransferView(output: output, report: report)
        for notice in notices { view.show(notice) }
        let companion = try CompanionTracker(arguments, output)
        defer { companion?.stop() }
        companion?.tellNames(of: torrents)
        options.ownTracker = companion.flatMap { OwnTracker($0.endpoints, from: options.source) }
        if companion != nil, options.ownTracker == nil {
            output.message("nothing is announced at the tracker here: --listen is of the other family")
        }
        do throws(PeerFailure) {
            let node = try PeerNode(options) { view.show($0) }
            for metainfo in torrents { try add(metainfo, to: node, folder, role) }
            return run(node, role, view)
        } catch {
            throw CommandError(error.kind.exitCode, "\(error.message)")
        }
    }

    private static func add(
        _ metainfo: Metainfo, to node: PeerNode, _ folder: ByteString, _ role: PeerRole
    ) throws(PeerFailure) {
        do throws(NodeError) {
            try node.add(metainfo, folder: folder, role: role)
        } catch {
            throw error.failure
        }
    }

    /// The torrents in order, each once, with the trackers from all of its files, and the messages about that; standard
    /// input can be read only once.
    private static func torrents(_ arguments: [ByteString]) throws(CommandError) -> ([Metainfo], [PeerEvent]) {
        guard arguments.count(where: { $0 == "-" }) <= 1 else {
            throw CommandError(.usage, "standard input holds one torrent, so - can stand only once")
        }
        var torrents: [Metainfo] = []
        var notices: [PeerEvent] = []
        for argument in arguments {
            let metainfo = try TorrentArgument.metainfo(argument)
            guard let known = torrents.firstIndex(where: { $0.infoHash == metainfo.infoHash }) else {
                torrents.append(metainfo)
                continue
            }
            let text = torrents[known].adopt(metainfo) ? "its trackers are asked too" : leftOut(metainfo)
            let notice = PeerNotice(code: "same_torrent", text: "\(argument) is the same torrent: \(text)")
            notices.append(.notice(metainfo.infoHash, notice))
        }
        return (torrents, notices)
    }

    private static func leftOut(_ metainfo: Metainfo) -> String {
        metainfo.isPrivate ? "as it is private, only the trackers of the first are asked" : "it names no other trackers"
    }

    private static func run(_ node: PeerNode, _ role: PeerRole, _ view: TransferView) -> ExitCode {
        // Watched before the node starts, since a signal may come as soon as it listens.
        let signals = EndingSignals(
            onEnd: { signal in
                view.noteSignal(signal)
                node.stop()
            },
            onImpatience: {
                view.end()
                exit((view.isUnfinished ? ExitCode.unfinished : .interrupted).rawValue)
            })
        node.start()
        let outcome = node.waitUntilDone()
        signals.cancel()
        view.end()
        if let failure = outcome.failures.first { return failure.kind.exitCode }
        if outcome.unfinished > 0 { return .unfinished }
        return role == .seed && view.wasInterrupted ? .interrupted : .success
    }
}
