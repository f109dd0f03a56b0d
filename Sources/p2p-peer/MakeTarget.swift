internal import ByteStrings
internal import CommandLineKit
internal import TorrentIO

/// Where `make` puts the torrent.
struct MakeTarget {
    /// Nil for standard output.
    let path: ByteString?
    /// The files that this run writes to, by absolute paths without links: no torrent may contain itself, nor our
    /// output.
    let ownFiles: [ByteString]
    private let replaces: Bool

    /// Finds out where OUT leads. `check` finds out whether it can be written to.
    init(_ arguments: ParsedArguments, name: ByteString, _ output: Output) throws(CommandError) {
        replaces = arguments.has(MakeCommand.force)
        let file: ByteString = "\(name).torrent"
        var out = try arguments.value(MakeCommand.out, .path) ?? file
        if out.isEmpty { throw CommandError(.usage, "-o: a name is missing; - is standard output") }
        guard out == "-" || FileStatus.isStandardOutput(out) else {
            if FileStatus.isFolder(out) { out = out.appending(file) }
            path = out
            ownFiles = [(try? WriteTarget(out))?.absolutePath].compactMap(\.self) + FileStatus.pathsOfStandardStreams
            return
        }
        path = nil
        ownFiles = FileStatus.pathsOfStandardStreams
        if output.isJSON { throw CommandError(.usage, "--json and -o - both want standard output") }
        if output.standardOutput.isInteractive {
            throw CommandError(.usage, "a torrent is no text for a terminal: send standard output to a file or pipe")
        }
    }

    /// Throws, before anything is hashed, if it cannot be written to.
    func check() throws(CommandError) {
        guard let path else { return }
        let target = try Self.explaining(path) { () throws(SystemError) in try WriteTarget(path) }
        try checkUnasked(target, path)
        try Self.explaining(path) { () throws(SystemError) in try target.checkWritable() }
    }

    private func checkUnasked(_ target: WriteTarget, _ path: ByteString) throws(CommandError) {
        guard !replaces else { return }
        switch target.standing {
        // A link that leads to nothing counts: something is there.
        case .nothing: if FileStatus.exists(path) { throw Self.exists(path) }
        case .file, .folder: throw Self.exists(path)
        case .disk:
            throw CommandError(.failure, "\(path): is a disk; --force writes over what is on it", slug: "exists")
        case .stream: break
        }
    }

    func write(_ bytes: [UInt8], _ output: Output) throws(CommandError) {
        guard let path else { return try output.bytes(bytes) }
        try Self.explaining(path) { () throws(SystemError) in
            let target = try WriteTarget(path)
            switch target.standing {
            case .stream, .disk: try target.stream(bytes)
            case .nothing, .file, .folder: try target.put(bytes, mode: 0o666, replaces: replaces)
            }
        }
    }

    private static func explaining<Result>(
        _ path: ByteString, _ body: () throws(SystemError) -> Result
    ) throws(CommandError) -> Result {
        do { return try body() } catch { throw commandError(error, path) }
    }

    private static func exists(_ path: ByteString) -> CommandError {
        CommandError(.failure, "\(path): exists already; --force replaces it", slug: "exists")
    }

    private static func commandError(_ error: SystemError, _ path: ByteString) -> CommandError {
        if error.isExisting { return exists(path) }
        if error.isNotFound { return CommandError(.notFound, "\(path): cannot be written: its folder does not exist") }
        return CommandError(error.isNoSpace ? .diskFull : .inputOutput, "\(path): cannot be written: \(error.text)")
    }
}
