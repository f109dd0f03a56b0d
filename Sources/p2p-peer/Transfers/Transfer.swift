internal import ByteStrings
internal import CommandLineKit
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
        options.detail = PeerDetail(verbosity: output.verbosity)
        options.showsPieces = arguments.has(TransferOptions.pieces)
        change(&options)
        if role == .leech { try refuseToSuperSeed(&options, arguments) }
        let identity = try IdentityArgument.open(arguments, output)
        // Ours alone as long as it is used.
        defer { withExtendedLifetime(identity) {} }
        let folder = try arguments.value(TransferOptions.folder, .path) ?? identity?.data ?? "."
        let torrents = try TransferTorrents(arguments, role, in: folder, output)
        try PeerName.setUsual(&options, at: torrents.catalogues, arguments)
        role == .seed
            ? try ContentFolderArgument.mustExist(folder) : try ContentFolderArgument.mayBeNew(folder, output)
        let saved = try SavedTorrent(arguments, torrents: torrents.sources.count, output)
        var report = TransferReport(exitWhenDone: options.ends.whenDone)
        for source in torrents.sources { report.add(source.infoHash, name: source.name.description, role: role) }
        let view = TransferView(output: output, report: report)
        for notice in torrents.notices { view.show(notice) }
        let companion = try CompanionTracker(arguments, output)
        defer { companion?.stop() }
        companion?.takeIn(&options, output)
        do throws(PeerFailure) {
            let host = TransferHost(companion, saved, output)
            let node = try IdentityArgument.node(identity, options, output) { event in
                host.note(event)
                view.show(event)
            }
            host.begin(at: node.listeningAt)
            companion?.tell(node)
            for metainfo in torrents.metainfos { companion?.tellName(of: metainfo) }
            for source in torrents.sources { try node.take(source, in: folder, as: role) }
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

    private static func run(_ node: PeerNode, _ role: PeerRole, _ view: TransferView) -> ExitCode {
        let outcome = node.run(view, hurried: { view.isUnfinished ? .unfinished : .interrupted })
        view.end()
        if let failure = outcome.failures.first { return failure.kind.exitCode }
        if outcome.unfinished > 0 { return .unfinished }
        return role == .seed && view.wasInterrupted ? .interrupted : .success
    }
}
