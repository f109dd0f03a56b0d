package import ByteStrings
import Glibc

extension AtomicFile {
    /// Renames a file to `other`; EEXIST if that name is taken. Links are not followed.
    package static func putAside(_ path: ByteString, as other: ByteString) throws(SystemError) {
        // The name is made ours first: not every file system can rename without replacing, or has links.
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let place = Descriptor(owning: try retrying("open") { other.withCharacters { open($0, flags, 0o600) } })
        do {
            try retrying("rename") { path.withCharacters { from in other.withCharacters { rename(from, $0) } } }
        } catch {
            _ = other.withCharacters { unlink($0) }
            throw error
        }
        place.close()
    }

    /// Makes a folder, and its name lasting; no harm if there is one.
    package static func makeFolder(_ path: ByteString, mode: UInt32) throws(SystemError) {
        guard path.withCharacters({ mkdir($0, mode) }) == 0 else {
            let error = SystemError.last("mkdir")
            guard error.isExisting else { throw error }
            return
        }
        flushFolder(path.parent)
    }

    /// Removes a file of ours, lastingly; no harm if it has gone.
    package static func remove(_ path: ByteString) throws(SystemError) {
        guard path.withCharacters({ unlink($0) }) == 0 else {
            let error = SystemError.last("unlink")
            guard error.isNotFound else { throw error }
            return
        }
        flushFolder(path.parent)
    }

    private static func flushFolder(_ path: ByteString) {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        guard let folder = try? Descriptor(owning: retrying("open") { path.withCharacters { open($0, flags) } }) else {
            return
        }
        _ = fsync(folder.number)
    }

    /// Whether we may write to what stands at a path: EACCES, EPERM or EROFS if not.
    package static func checkMayWrite(_ path: ByteString) throws(SystemError) {
        try retrying("open") { path.withCharacters { faccessat(AT_FDCWD, $0, W_OK, AT_EACCESS) } }
    }
}
