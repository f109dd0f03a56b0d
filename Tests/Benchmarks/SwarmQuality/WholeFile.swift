import ByteStrings
import Glibc
import TorrentIO

/// Files that are read at once: regular ones, since a device or a pipe may go on for ever.
enum WholeFile {
    /// Why a file cannot be read, for people.
    struct Failure: Error {
        let text: String
    }

    /// At most `limit` bytes; longer ones are refused.
    static func read(_ path: ByteString, limit: Int) throws(Failure) -> [UInt8] {
        do throws(SystemError) {
            if let bytes = try readRegular(path, limit: limit) { return bytes }
        } catch {
            throw Failure(text: "cannot be read: \(error.text.lowercased())")
        }
        throw Failure(text: "is no regular file")
    }

    /// Nil if it is something else.
    private static func readRegular(_ path: ByteString, limit: Int) throws(SystemError) -> [UInt8]? {
        // Not blocking, or a pipe that nobody writes to would never be opened.
        let number = path.withCharacters { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard number >= 0 else { throw SystemError.last("open") }
        let file = Descriptor(owning: number)
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw SystemError.last("fstat") }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        return try AtomicFile.readWhole(file, limit: limit)
    }
}
