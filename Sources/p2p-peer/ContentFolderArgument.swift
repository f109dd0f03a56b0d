internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime

/// DIR on the command line: a folder that is there, or that a download makes.
enum ContentFolderArgument {
    /// Throws if `folder` is not there, or is no longer anywhere.
    static func mustExist(_ folder: ByteString) throws(CommandError) {
        if FileStatus.isFolder(folder) { return try mustHaveAPath(folder) }
        guard FileStatus.exists(folder) else {
            let hint = MeantName.hint(for: folder, isFolder: true)
            throw CommandError(.notFound, "\(folder): there is no such folder\(hint.isEmpty ? "; check --dir" : hint)")
        }
        throw CommandError(.inputOutput, "\(folder) is no folder; check --dir")
    }

    /// The same, but one that is not there is made, which is said: a wrong letter makes a folder, too.
    static func mayBeNew(_ folder: ByteString, _ output: Output) throws(CommandError) {
        if FileStatus.isFolder(folder) { return try mustHaveAPath(folder) }
        guard !FileStatus.exists(folder), !output.isJSON else { return }
        output.message("\(folder) is a new folder\(MeantName.hint(for: folder, isFolder: true))")
    }

    /// What is begun in a folder that was deleted can never be found again.
    private static func mustHaveAPath(_ folder: ByteString) throws(CommandError) {
        guard FileStatus.isDeleted(folder) else { return }
        let name: TerminalText = folder == "." ? "the current folder" : "\(folder)"
        throw CommandError(.notFound, "\(name) was deleted; name another with --dir")
    }
}
