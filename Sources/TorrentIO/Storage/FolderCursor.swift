/// Looks at many files of a `ContentFolder` one after the other and keeps the folder of the last one open, so that a
/// pass over 100,000 files does not open the way down to each of them anew. For one pass on one thread: who keeps it
/// longer sees folders that have been moved away since.
package final class FolderCursor {
    private let folder: ContentFolder
    /// The folders above the last file, and the innermost of them, open.
    private var last: (names: ArraySlice<UInt8>, descriptor: Descriptor)?

    package init(_ folder: ContentFolder) {
        self.folder = folder
    }

    /// As `ContentFolder.standing`.
    package func standing(_ path: RelativePath) throws(FileProblem) -> StandingFile? {
        do throws(FileProblem) {
            return try ContentFolder.standing(path.name, in: innermost(path))
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    /// As `ContentFolder.open`.
    package func open(_ path: RelativePath, _ access: ContentFolder.Access = .read) throws(FileProblem) -> Descriptor {
        try ContentFolder.openFile(path.name, in: innermost(path, creating: access == .create), access)
    }

    private func innermost(_ path: RelativePath, creating: Bool = false) throws(FileProblem) -> Descriptor {
        let names = path.folderBytes
        if let last, last.names == names { return last.descriptor }
        let descriptor = try folder.openFolder(path.folders, creating: creating)
        last = (names, descriptor)
        return descriptor
    }
}
