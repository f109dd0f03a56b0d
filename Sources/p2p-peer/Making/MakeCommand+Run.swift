internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

extension MakeCommand {
    static let command: CommandProgram.Command = .init(spec) { arguments, output throws(CommandError) in
        try run(arguments, output)
    }

    /// `work`: whoever follows it, and may end it; nil: signals do.
    static func run(
        _ arguments: ParsedArguments, _ output: Output, work: LongWork? = nil
    ) throws(CommandError) -> ExitCode {
        try KernelChoice.apply()
        if let source = try arguments.value(fromJSON, .path) { return try remake(source, arguments, output) }
        var request = try MakeRequest(arguments)
        guard let path = arguments.positionals.first else {
            throw CommandError(.usage, "make: PATH is missing, the file or folder to share (see p2p-peer make --help)")
        }
        let name = try making { () throws(MakeError) in try TorrentMaker.name(of: path, request.options) }
        let target = try MakeTarget(arguments, name: ByteString(name), output)
        request.options.ownFiles = target.ownFiles
        let maker = try making { () throws(MakeError) in try TorrentMaker(path: path, options: request.options) }
        say(skipped: maker.skipped, output)
        say(ownFiles: maker.leftOut, output)
        if arguments.has(dryRun) {
            sayPlan(of: maker, output)
            return .success
        }
        try target.check()
        var builder = try hash(maker, output, work)
        request.apply(to: &builder)
        let bytes = builder.encoded
        // The new torrent must be one that we would accept.
        let metainfo = try TorrentArgument.metainfo(of: bytes, named: "the new torrent")
        try target.write(bytes, output)
        say(metainfo, at: target, output)
        return .success
    }

    /// The torrent that `source` says, as it stands.
    private static func remake(
        _ source: ByteString, _ arguments: ParsedArguments, _ output: Output
    ) throws(CommandError) -> ExitCode {
        guard arguments.positionals.isEmpty else {
            throw CommandError(.usage, "--from-json says all of the torrent: leave out \(arguments.positionals[0])")
        }
        let others = spec.options.filter { ![fromJSON, out, force, dryRun].contains($0) && $0.group == .own }
        if let other = others.first(where: { arguments.isOnCommandLine($0) }) {
            throw CommandError(.usage, "--from-json says all of the torrent: leave out --\(other.name)")
        }
        let text = try TorrentArgument.bytes(source)
        let bytes = try TorrentNotation.torrent(text, named: TorrentArgument.place(source))
        let metainfo = try TorrentArgument.metainfo(of: bytes, named: source)
        let target = try MakeTarget(arguments, name: ByteString(metainfo.name.bytes), output)
        if !arguments.has(dryRun) {
            try target.check()
            try target.write(bytes, output)
        }
        say(metainfo, at: target, output)
        return .success
    }

    /// A failure in words.
    static func making<Result>(_ body: () throws(MakeError) -> Result) throws(CommandError) -> Result {
        do { return try body() } catch { throw commandError(error) }
    }

    /// Hashes with a progress line. Whoever says nothing else has made it now.
    static func hash(
        _ maker: TorrentMaker, _ output: Output, _ work: LongWork? = nil
    ) throws(CommandError) -> MetainfoBuilder {
        let work = work ?? .untilSignal()
        let progress = ProgressReporter("Hashing  \(ByteString(maker.name))", output: output, frame: work.frame)
        do {
            var builder = try maker.run(
                progress: { progress.update($0, of: maker.totalLength) }, isCancelled: work.isCancelled)
            progress.finish(maker.totalLength, of: maker.totalLength)
            builder.createdBy = SuiteVersion.peer
            builder.creationDate = WallClock.secondsSince1970()
            return builder
        } catch {
            progress.cancel()
            throw commandError(error)
        }
    }

    private static func say(_ metainfo: Metainfo, at target: MakeTarget, _ output: Output) {
        let summary = TorrentSummary(metainfo: metainfo)
        let magnet = MagnetLink(metainfo).description
        if output.isJSON {
            output.event(summary.object(magnet: magnet, path: target.path))
        } else if target.path == nil {
            // The torrent itself goes to stdout, so messages for people go to stderr.
            for line in summary.shortLines(magnet: magnet) { output.message(line) }
        } else if !output.isQuiet {
            output.result("\(target.path ?? "", .bold)")
            output.result(summary.shortLines(magnet: magnet))
        }
    }

    static func say(skipped: [ByteString], _ output: Output) {
        guard !skipped.isEmpty, !output.isJSON else { return }
        let count = HumanUnits.count(skipped.count, "entry is", "entries are")
        let hint: TerminalText = output.verbosity > 0 ? "" : " (-v lists them)"
        output.message("\(count) left out: links, pipes and devices have no place in a torrent\(hint)")
        for path in skipped { output.message("  \(path)", level: 1) }
    }

    static func say(ownFiles: [ByteString], _ output: Output) {
        guard !output.isJSON else { return }
        for path in ownFiles { output.message("\(path) is left out: it is being written to") }
    }

    private static func sayPlan(of maker: TorrentMaker, _ output: Output) {
        let name = ByteString(maker.name)
        if output.isJSON {
            output.event([
                "name": .bytes(name), "length": .integer(maker.totalLength),
                "piece_length": .integer(Int64(maker.pieceLength)), "pieces": .integer(Int64(maker.pieceCount)),
                "files": .array(
                    maker.files.map {
                        ["path": .bytes(ByteString($0.path.bytes)), "length": .integer($0.length)]
                    }),
            ])
            return
        }
        output.result("\(name, .bold)")
        let pieces = HumanUnits.count(maker.pieceCount, "piece", "pieces")
        output.result(
            """
              would hold  \(HumanUnits.count(maker.files.count, "file", "files")), \
            \(HumanUnits.size(maker.totalLength)) in \(pieces) of \(HumanUnits.size(Int64(maker.pieceLength)))
            """)
        var table = Table([.right])
        for file in maker.files {
            table.add("\(HumanUnits.size(file.length))", "\(file.path)")
        }
        output.result(table.lines)
    }

    /// The exit code for what went wrong, and the words for it.
    static func commandError(_ error: MakeError) -> CommandError {
        let code: ExitCode =
            switch error {
            case .notFound: .notFound
            case .notFileOrFolder, .changedWhileHashing: .inputOutput
            case .cannotRead(_, let problem): problem.isNotFound ? .notFound : .inputOutput
            case .unusableTorrentName, .unusablePieceLength, .tooManyPieces, .isOwnFile, .patternsOfOneFile: .usage
            case .nothingToShare, .onlyEmptyFiles, .unusableName, .tooManyFiles: .failure
            case .cancelled: .interrupted
            }
        return CommandError(code, "\(error.description)")
    }
}
