internal import ByteStrings
internal import Glibc
internal import TorrentIO

/// What is at a path, for better error messages.
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

    /// True for a folder in use that has been deleted.
    static func isDeleted(_ path: ByteString) -> Bool {
        var status = stat()
        return path.withCharacters { stat($0, &status) } == 0 && status.st_nlink == 0
    }

    /// The first bytes of a regular file; empty if they cannot be read.
    static func start(of path: ByteString, count: Int) -> [UInt8] {
        let descriptor = path.withCharacters { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, read(descriptor, buffer.baseAddress, count))
        }
    }

    /// True for `/dev/stdout` and whatever else leads to where standard output does; not for `/dev/null` and the like,
    /// where it makes no difference.
    static func isStandardOutput(_ path: ByteString) -> Bool {
        var (its, ours) = (stat(), stat())
        guard path.withCharacters({ stat($0, &its) }) == 0, fstat(1, &ours) == 0 else { return false }
        guard its.st_dev == ours.st_dev, its.st_ino == ours.st_ino else { return false }
        return its.st_mode & S_IFMT != S_IFCHR || isatty(1) == 1
    }

    /// The paths of standard output and standard error, if they are files and the paths are known.
    static var pathsOfStandardStreams: [ByteString] {
        (1...2).compactMap { descriptor in
            guard let target = try? WriteTarget("/proc/self/fd/\(descriptor)"), target.standing == .file else {
                return nil
            }
            return target.path
        }
    }
}
