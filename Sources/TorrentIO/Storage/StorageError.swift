/// Why a file below a content folder cannot be used.
package enum FileProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// A symbolic link stands at this path or above it; following it could lead out of the folder.
    case symbolicLink
    /// A folder, a pipe or a device stands where the file belongs, or a file where a folder does.
    case notRegularFile
    /// It is there, and was not when we looked.
    case exists
    /// It holds bytes of somebody's that would be lost.
    case differs
    /// It is longer than the torrent says, by so many bytes of somebody's.
    case tooLong(Int64)
    /// It has another name elsewhere, so writing to it would change what is there.
    case linked
    /// It ends before the bytes that were asked for.
    case shrank
    /// Somebody wrote to it, or changed its marks.
    case changed
    /// Another file stands in its place.
    case replaced
    /// It is not there any more.
    case gone
    /// It was written, and the disk could not keep it.
    case notKept(SystemError)
    /// A call failed, for a reason that no other case names.
    case system(SystemError)

    package var isNoSpace: Bool {
        switch self {
        case .system(let error), .notKept(let error): error.isNoSpace
        default: false
        }
    }

    package var isNotFound: Bool {
        if case .system(let error) = self { error.isNotFound } else { false }
    }

    /// What stands there is not what we hold: worth another look before anything is said.
    package var isChange: Bool {
        switch self {
        case .exists, .shrank, .changed, .replaced, .gone: true
        case .symbolicLink, .notRegularFile, .differs, .tooLong, .linked, .notKept, .system: false
        }
    }

    package var description: String {
        switch self {
        case .symbolicLink: "a symbolic link is in the way"
        case .notRegularFile: "something other than a file is in the way"
        case .exists: "exists already"
        case .differs: "holds other bytes than the torrent"
        case .tooLong(let bytes): "is \(bytes) bytes longer than the torrent says"
        case .linked: "has another name elsewhere (a hard link)"
        case .shrank: "is shorter than it was"
        case .changed: "was changed"
        case .replaced: "was replaced"
        case .gone: "is not there any more"
        case .notKept(let error): "the disk could not keep it: \(error)"
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

    /// The disk, or the user's share of it, is full: worth another try later. What was written and not kept is not.
    package var isNoSpace: Bool {
        if case .system(let error) = problem { error.isNoSpace } else { false }
    }
}
