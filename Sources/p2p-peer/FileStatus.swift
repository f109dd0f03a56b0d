internal import ByteStrings
internal import Glibc

/// What stands at a path, for checks whose answer is a better message.
enum FileStatus {
    /// A link that leads nowhere counts: something is there.
    static func exists(_ path: ByteString) -> Bool {
        var status = stat()
        return path.withCharacters { lstat($0, &status) } == 0
    }

    static func isFolder(_ path: ByteString) -> Bool {
        var status = stat()
        return path.withCharacters { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
