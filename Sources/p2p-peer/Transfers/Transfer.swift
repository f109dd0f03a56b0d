internal import ByteStrings
internal import CommandLineKit
internal import Glibc
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO
internal import TransferReporting

/// What `seed`, `leech` and `get` all do: run a node until it is done or somebody ends it.
enum Transfer {
    static let exitCodes: [ExitCode] = [
        .success, .failure, .usage, .notFound, .badTorrent, .inputOutput, .unfinished, .network, .diskFull,
        .interrupted,
    ]

    /// `change` is for what the command says of itself.
    static func run(
        _ role: PeerRole, _ arguments: ParsedArguments, _ output: Output,
        _ change: (inout PeerOptions) -> Void = { _ in }
    ) throws(CommandError) -> ExitCode {
        try KernelChoice.apply()
        try PollerChoice.check()
        var options = try TransferOptions.node(arguments)
        options.detail = PeerDetail(rawValue: max(0, min(output.verbosity, PeerDetail.words.rawValue))) ?? .connections
        options.showsPieces = arguments.has(TransferOptions.pieces)
        change(&options)
        if role == .leech { try refuseToSuperSeed(&options, arguments) }
        let identity = try IdentityArgument.open(arguments, output)
        // Ours alone as long as it is used.
        defer { withExtendedLifetime(identity) {} }
        let folder = try arguments.value(TransferOptions.folder, .path) ?? identity?.data ?? "."
        let torrents = try TransferTorrents(arguments, role, in: folder, output)
        if let tracker = torrents.catalogue { try PeerName.setUsual(&options, at: tracker, arguments) }
        role == .seed
            ? try ContentFolderArgument.mustExist(folder) : try ContentFolderArgument.mayBeNew(folder, output)
        let saved = try SavedTorrent(arguments, torrents: torrents.sources.count, output)
        var report = TransferReport(exitWhenDone: options.ends.whenDone)
        for source in torrents.sources { report.add(source.infoHash, name: source.name.description, role: role) }
        let view = TransferView(output: output, report: report)
        for notice in torrents.notices { view.show(notice) }
        let companion = try CompanionTracker(arguments, output)
        defer { companion?.stop() }
        options.ownTracker = companion.flatMap { OwnTracker($0.endpoints, from: options.source) }
        if companion != nil, options.ownTracker == nil {
            output.message("nothing is announced at the tracker here: --listen is of the other family")
        }
        do throws(PeerFailure) {
            let host = TransferHost(companion, saved, output)
            let node = try IdentityArgument.node(identity, options, output) { event in
                host.note(event)
                view.show(event)
            }
            host.begin(at: node.listeningAt)
            companion?.onNewcomer { [weak node] infoHash, peer, endpoint in
                node?.announcedHere(endpoint, as: peer, for: infoHash)
            }
            for metainfo in torrents.metainfos { companion?.tellName(of: metainfo) }
            for source in torrents.sources { try add(source, to: node, folder, role) }
            for metainfo in torrents.metainfos { host.welcome(metainfo) }
            var code = run(node, role, view)
            if let error = saved?.finish() { code = error.exitCode }
            if code == .success, arguments.command.name == GetCommand.spec.name { host.sayPlace(in: folder) }
            return code
        } catch {
            throw CommandError(error.kind.exitCode, "\(error.message)")
        }
    }

    /// What was fetched is with others as well, and who is connected knows it by then. In a configuration file the
    /// option may be meant for `seed`.
    private static func refuseToSuperSeed(
        _ options: inout PeerOptions, _ arguments: ParsedArguments
    ) throws(CommandError) {
        guard !arguments.isOnCommandLine(TransferOptions.superSeed) else {
            throw CommandError(.usage, "--super-seed is for seed: what is fetched here is with others as well")
        }
        options.superSeeds = false
    }

    private static func add(
        _ source: TorrentSource, to node: PeerNode, _ folder: ByteString, _ role: PeerRole
    ) throws(PeerFailure) {
        do throws(NodeError) {
            try node.add(source, folder: folder, role: role)
        } catch {
            throw error.failure
        }
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
