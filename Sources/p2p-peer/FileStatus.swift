internal import Glibc

/// What stands at a path, for checks whose answer is a better message.
enum FileStatus {
    /// A link that leads nowhere counts: something is there.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
