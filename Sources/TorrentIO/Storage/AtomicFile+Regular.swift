package import ByteStrings
import Glibc

extension AtomicFile {
    /// Like `readWhole`, for regular files only: anything else is an error (EINVAL) at once, where opening a pipe would
    /// wait.
    package static func readRegular(_ path: ByteString, limit: Int) throws(SystemError) -> [UInt8] {
        try readWhole(openRegular(path), limit: limit)
    }

    /// The same of its beginning: `count` bytes, or all if there are fewer.
    package static func readBeginning(_ path: ByteString, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        // A regular file gives what there is at once.
        let got = try openRegular(path).read(into: &bytes) ?? 0
        return Array(bytes.prefix(got))
    }

    private static func openRegular(_ path: ByteString) throws(SystemError) -> Descriptor {
        let flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        let file = Descriptor(owning: try retrying("open") { path.withCharacters { open($0, flags) } })
        var status = stat()
        guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError(code: EINVAL, call: "open")
        }
        return file
    }

    /// Throws (EEXIST) if something other than a file stands at `path`: a link, a pipe, a folder or a device there is
    /// somebody's, and nothing may be put in its place.
    package static func expectRegular(_ path: ByteString) throws(SystemError) {
        var status = stat()
        guard path.withCharacters({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
        throw SystemError(code: EEXIST, call: "rename")
    }
}
