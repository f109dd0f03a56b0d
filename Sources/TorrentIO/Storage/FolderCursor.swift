/// Looks at many files of a `ContentFolder` one after the other and keeps the folder of the last one open, so that a
/// pass over 100,000 files does not open the way down to each of them anew. For one pass on one thread: who keeps it
/// longer sees folders that have been moved away since.
package final class FolderCursor {
    private let folder: ContentFolder
    /// The folders above the last file, and the innermost of them, open.
    private var last: (names: ArraySlice<UInt8>, descriptor: Descriptor, followsLinks: Bool)?

    package init(_ folder: ContentFolder) {
        self.folder = folder
    }

    /// What is at `path`, without opening it; nil if nothing is. Throws if it is no regular file.
    package func standing(_ path: RelativePath) throws(FileProblem) -> StandingFile? {
        do throws(FileProblem) {
            return try folder.standing(path.name, in: innermost(path, .read))
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    /// As `ContentFolder.open`.
    package func open(_ path: RelativePath, _ access: ContentFolder.Access = .read) throws(FileProblem) -> Descriptor {
        try folder.openFile(path.name, in: innermost(path, access), access)
    }

    private func innermost(_ path: RelativePath, _ access: ContentFolder.Access) throws(FileProblem) -> Descriptor {
        let (names, followsLinks) = (path.folderBytes, folder.followsLinks(access))
        // What was reached through a link is for reading alone.
        if let last, last.names == names, last.followsLinks == followsLinks { return last.descriptor }
        let descriptor = try folder.openFolder(
            path.folders, creating: access == .create, followsLinks: followsLinks)
        last = (names, descriptor, followsLinks)
        return descriptor
    }
}
