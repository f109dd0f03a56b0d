package import ByteStrings
import Glibc

/// A new file that grows at its end, for its user alone to read. It is open only while something is written, so that
/// many of them take no descriptors.
package struct AppendedFile: Sendable {
    private let path: ByteString
    private let device: dev_t
    private let inode: ino_t
    /// Bytes that it has, all of them ours.
    private var length = 0

    /// EEXIST if anything stands at `path`, which is left as it is.
    package init(new path: ByteString) throws(SystemError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let file = Descriptor(owning: try retrying("open") { path.withCharacters { open($0, flags, 0o600) } })
        let status = try Self.status(of: file)
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    /// Throws if `folder` is no folder in which files can be made, as far as that can be told before it is done.
    package static func expectRoom(in folder: ByteString) throws(SystemError) {
        _ = Descriptor(
            owning: try retrying("open") {
                folder.withCharacters { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            })
        try retrying("access") { folder.withCharacters { access($0, W_OK | X_OK) } }
    }

    /// All of `bytes`, or an error, with some of them written perhaps. ENOENT if the file is no longer there, or if
    /// another one stands in its place.
    package mutating func append(_ bytes: [UInt8]) throws(SystemError) {
        // Not blocking, should a pipe be there now.
        let flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let file = Descriptor(owning: try retrying("open") { path.withCharacters { open($0, flags) } })
        let status = try Self.status(of: file)
        // A file system gives the number of a file that was deleted to the next one: that one has other bytes.
        guard status.st_dev == device, status.st_ino == inode, Int(status.st_size) == length else {
            throw SystemError(code: ENOENT, call: "open")
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = try retrying("write") {
                rest.withUnsafeBytes { write(file.number, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(written)
            length += written
        }
    }

    private static func status(of file: borrowing Descriptor) throws(SystemError) -> stat {
        var status = stat()
        guard fstat(file.number, &status) == 0 else { throw SystemError.last("fstat") }
        return status
    }
}
