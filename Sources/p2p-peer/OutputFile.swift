internal import ByteStrings
internal import CommandLineKit
internal import TorrentIO

/// A file that a command writes its result to, where the user said; pipes and devices are written to as well.
struct OutputFile: Sendable {
    let path: ByteString
    /// What is there may be replaced.
    let replaces: Bool
    /// The option that says so, for messages: `--force`.
    let replacing: String

    /// Throws, before the work for it begins, if it cannot be written to.
    func check() throws(CommandError) {
        let target = try explaining { () throws(SystemError) in try WriteTarget(path) }
        try checkUnasked(target)
        try explaining { () throws(SystemError) in try target.checkWritable() }
    }

    private func checkUnasked(_ target: WriteTarget) throws(CommandError) {
        guard !replaces else { return }
        switch target.standing {
        // A link that leads to nothing counts: something is there.
        case .nothing: if FileStatus.exists(path) { throw exists }
        case .file, .folder: throw exists
        case .disk:
            throw CommandError(.failure, "\(path): is a disk; \(replacing) writes over what is on it", slug: "exists")
        case .stream: break
        }
    }

    /// Atomically, but for pipes and devices.
    func write(_ bytes: [UInt8]) throws(CommandError) {
        try explaining { () throws(SystemError) in
            let target = try WriteTarget(path)
            switch target.standing {
            case .stream, .disk: try target.stream(bytes)
            case .nothing, .file, .folder: try target.put(bytes, mode: 0o666, replaces: replaces)
            }
        }
    }

    private func explaining<Result>(_ body: () throws(SystemError) -> Result) throws(CommandError) -> Result {
        do { return try body() } catch { throw commandError(error) }
    }

    private var exists: CommandError {
        CommandError(.failure, "\(path): exists already; \(replacing) replaces it", slug: "exists")
    }

    private func commandError(_ error: SystemError) -> CommandError {
        if error.isExisting { return exists }
        if error.isNotFound { return CommandError(.notFound, "\(path): cannot be written: its folder does not exist") }
        return CommandError(error.isNoSpace ? .diskFull : .inputOutput, "\(path): cannot be written: \(error.text)")
    }
}
