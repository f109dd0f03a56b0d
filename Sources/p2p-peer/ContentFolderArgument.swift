internal import ByteStrings
internal import CommandLineKit

/// DIR on the command line: a folder that is there, or that a download makes.
enum ContentFolderArgument {
    /// Throws if `folder` does not exist, or has been deleted.
    static func mustExist(_ folder: ByteString) throws(CommandError) {
        if FileStatus.isFolder(folder) { return try mustHaveAPath(folder) }
        guard FileStatus.exists(folder) else {
            let hint = MeantName.hint(for: folder, isFolder: true)
            throw CommandError(.notFound, "\(folder): there is no such folder\(hint.isEmpty ? "; check --dir" : hint)")
        }
        throw CommandError(.inputOutput, "\(folder) is no folder; check --dir")
    }

    /// The same, but a missing folder is made later, which is said here: a typing error would make one, too.
    static func mayBeNew(_ folder: ByteString, _ output: Output) throws(CommandError) {
        if FileStatus.isFolder(folder) { return try mustHaveAPath(folder) }
        guard !FileStatus.exists(folder), !output.isJSON else { return }
        output.message("\(folder) is a new folder\(MeantName.hint(for: folder, isFolder: true))")
    }

    /// A download into a folder that was deleted could never be found again.
    private static func mustHaveAPath(_ folder: ByteString) throws(CommandError) {
        guard FileStatus.isDeleted(folder) else { return }
        let name: TerminalText = folder == "." ? "the current folder" : "\(folder)"
        throw CommandError(.notFound, "\(name) was deleted; name another with --dir")
    }
}
