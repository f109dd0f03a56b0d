internal import ByteStrings
internal import CommandLineKit
internal import TorrentIO

/// Where `make` puts the torrent.
struct MakeTarget {
    /// Nil for standard output.
    private let file: OutputFile?
    /// The files that this run writes to, by absolute paths without links: no torrent may contain itself, nor our
    /// output.
    let ownFiles: [ByteString]

    /// Nil for standard output.
    var path: ByteString? { file?.path }

    /// Finds out where OUT leads. `check` finds out whether it can be written to.
    init(_ arguments: ParsedArguments, name: ByteString, _ output: Output) throws(CommandError) {
        let own: ByteString = "\(name).torrent"
        var out = try arguments.value(MakeCommand.out, .path) ?? own
        if out.isEmpty { throw CommandError(.usage, "-o: a name is missing; - is standard output") }
        guard out == "-" || FileStatus.isStandardOutput(out) else {
            if FileStatus.isFolder(out) { out = out.appending(own) }
            file = OutputFile(path: out, replaces: arguments.has(MakeCommand.force), replacing: "--force")
            ownFiles = [(try? WriteTarget(out))?.absolutePath].compactMap(\.self) + FileStatus.pathsOfStandardStreams
            return
        }
        file = nil
        ownFiles = FileStatus.pathsOfStandardStreams
        if output.isJSON { throw CommandError(.usage, "--json and -o - both want standard output") }
        if output.standardOutput.isInteractive {
            throw CommandError(.usage, "a torrent is no text for a terminal: send standard output to a file or pipe")
        }
    }

    /// Throws, before anything is hashed, if it cannot be written to.
    func check() throws(CommandError) { try file?.check() }

    func write(_ bytes: [UInt8], _ output: Output) throws(CommandError) {
        guard let file else { return try output.bytes(bytes) }
        try file.write(bytes)
    }
}
