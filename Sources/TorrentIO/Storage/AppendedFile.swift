package import ByteStrings
import Glibc

/// A new file that grows at its end, for its user alone to read.
package final class AppendedFile: Sendable {
    private let file: Descriptor

    /// EEXIST if anything stands at `path`, which is left as it is.
    package init(new path: ByteString) throws(SystemError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC
        file = Descriptor(owning: try retrying("open") { path.withCharacters { Glibc.open($0, flags, 0o600) } })
    }

    /// Throws if `folder` is no folder in which files can be made, as far as that can be told before it is done.
    package static func expectRoom(in folder: ByteString) throws(SystemError) {
        _ = Descriptor(
            owning: try retrying("open") {
                folder.withCharacters { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            })
        try retrying("access") { folder.withCharacters { access($0, W_OK | X_OK) } }
    }

    /// All of `bytes`, or an error.
    package func append(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = try retrying("write") {
                rest.withUnsafeBytes { write(file.number, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(written)
        }
    }
}
