/// Why a file below a content folder cannot be used.
package enum FileProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// A symbolic link stands at this path or above it; following it could lead out of the folder.
    case symbolicLink
    /// A folder, a pipe or a device stands where the file belongs, or a file where a folder does.
    case notRegularFile
    /// It is there already, and nobody said that it is ours.
    case exists
    /// It ends before the bytes that were asked for.
    case shrank
    /// It is not the file that was checked: somebody wrote to it, replaced or deleted it.
    case changed
    case system(SystemError)

    package var isNoSpace: Bool {
        if case .system(let error) = self { error.isNoSpace } else { false }
    }

    package var isNotFound: Bool {
        if case .system(let error) = self { error.isNotFound } else { false }
    }

    package var description: String {
        switch self {
        case .symbolicLink: "a symbolic link is in the way"
        case .notRegularFile: "something other than a file is in the way"
        case .exists: "exists already"
        case .shrank: "is shorter than it was"
        case .changed: "changed while it was being served"
        case .system(let error): error.description
        }
    }
}

/// What went wrong, and with which file of the torrent.
package struct StorageError: Error, Hashable, Sendable {
    /// Position in the metainfo's list of files.
    package let file: Int
    package let problem: FileProblem

    package init(file: Int, _ problem: FileProblem) {
        self.file = file
        self.problem = problem
    }

    /// The disk, or the user's share of it, is full: worth another try later.
    package var isNoSpace: Bool { problem.isNoSpace }
}
