internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

/// `p2p-peer verify TORRENT --dir DIR`.
enum VerifyCommand {
    static let folder = Option(
        "dir", short: "d", value: "DIR", default: ".", completion: .folder, help: "the folder with the content")
    static let threads = Option("threads", short: "t", value: "N", default: "one a core", help: "threads that hash")

    static let spec = CommandSpec(
        "verify", summary: "Compares a folder with a torrent, byte by byte.",
        details: [
            "Names each file that is missing, short, too long or different, and the bytes in question. Changes nothing."
        ],
        arguments: [TorrentArgument.one], options: [folder, threads],
        examples: [
            .init("p2p-peer verify holiday.torrent --dir ~/Downloads", "checks ~/Downloads/holiday"),
            .init("p2p-peer verify a.torrent -d /srv -q && echo right", "asks by exit code"),
        ],
        exitCodes: [
            .success, .failure, .usage, .notFound, .badTorrent, .inputOutput, .verifyFailed, .diskFull, .interrupted,
        ])

    static let command: CommandProgram.Command = .init(spec) { arguments, output throws(CommandError) in
        try KernelChoice.apply()
        let path = try arguments.value(folder, .path) ?? "."
        let metainfo = try StatedPlace(.look, arguments, in: path).placed(
            TorrentArgument.metainfo(arguments.positionals[0], for: spec.name))
        let report = try check(metainfo, arguments, output)
        let text = VerifyReport(metainfo: metainfo, report: report)
        if output.isJSON {
            output.event(text.object)
        } else if !output.isQuiet {
            output.result(text.lines(rangesAFile: output.verbosity > 0 ? .max : 8))
        }
        return report.isComplete ? .success : .verifyFailed
    }

    private static func check(
        _ metainfo: Metainfo, _ arguments: ParsedArguments, _ output: Output
    ) throws(CommandError) -> ContentReport {
        let path = try arguments.value(folder, .path) ?? "."
        try ContentFolderArgument.mustExist(path)
        var checker = ContentChecker(metainfo: metainfo, folder: path)
        if let count = try arguments.value(threads, .integer(1...1_024)) {
            checker = ContentChecker(metainfo: metainfo, folder: path, threads: count)
        }
        let cancellation = Cancellation()
        let progress = ProgressReporter("Checking  \(metainfo.name)", output: output)
        do {
            let report = try checker.run(
                progress: { progress.update($0, of: metainfo.totalLength) },
                isCancelled: { cancellation.isRequested })
            progress.finish(metainfo.totalLength, of: metainfo.totalLength)
            return report
        } catch {
            progress.cancel()
            throw commandError(error)
        }
    }

    private static func commandError(_ error: CheckError) -> CommandError {
        switch error {
        case .folder(let path, let problem):
            problem.isNotFound
                ? CommandError(.notFound, "\(path): there is no such folder")
                : CommandError(.inputOutput, "\(path): cannot be opened: \(problem.text)")
        case .cancelled: CommandError(.interrupted, "interrupted before everything was checked")
        }
    }
}
