import ByteStrings
import Glibc
import TorrentIO

/// Files that are read at once: regular ones, since a device or a pipe may go on for ever.
enum WholeFile {
    /// EFBIG if it is longer than `limit` bytes.
    static func read(_ path: ByteString, limit: Int) throws(SystemError) -> [UInt8] {
        // Not blocking, or a pipe that nobody writes to would never be opened.
        let number = path.withCharacters { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard number >= 0 else { throw SystemError.last("open") }
        let file = Descriptor(owning: number)
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw SystemError.last("fstat") }
        if status.st_mode & S_IFMT == S_IFDIR { throw SystemError(code: EISDIR, call: "read") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError(code: ESPIPE, call: "read") }
        return try AtomicFile.readWhole(file, limit: limit)
    }
}
