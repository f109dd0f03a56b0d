package import ByteStrings
import Glibc

extension AtomicFile {
    /// As `readWhole`, of a regular file alone: whatever else stands there is an error (EINVAL) and is not waited for,
    /// as opening a pipe would.
    package static func readRegular(_ path: ByteString, limit: Int) throws(SystemError) -> [UInt8] {
        let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC
        let file = Descriptor(owning: try retrying("open") { path.withCharacters { open($0, flags) } })
        var status = stat()
        guard fstat(file.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SystemError(code: EINVAL, call: "open")
        }
        return try readWhole(file, limit: limit)
    }
}
