package import ByteStrings
import Glibc

/// A new file that grows at its end, for its user alone to read. It is open only while something is written, so that
/// many of them take no descriptors.
package struct AppendedFile: Sendable {
    private let path: ByteString
    /// As our last write left it.
    private var standing: StandingFile

    /// EEXIST if anything stands at `path`, which is left as it is.
    package init(new path: ByteString) throws(SystemError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let file = Descriptor(owning: try retrying("open") { path.withCharacters { open($0, flags, 0o600) } })
        self.path = path
        standing = try Self.look(at: file)
    }

    /// Throws if `folder` is no folder in which files can be made, as far as that can be told before it is done.
    package static func expectRoom(in folder: ByteString) throws(SystemError) {
        _ = Descriptor(
            owning: try retrying("open") {
                folder.withCharacters { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            })
        try retrying("access") { folder.withCharacters { access($0, W_OK | X_OK) } }
    }

    /// All of `bytes`, or an error, with some of them written perhaps. ENOENT if the file is no longer there, if
    /// another one stands in its place, or if somebody else has changed it.
    package mutating func append(_ bytes: [UInt8]) throws(SystemError) {
        // Not blocking, should a pipe be there now.
        let flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let file = Descriptor(owning: try retrying("open") { path.withCharacters { open($0, flags) } })
        guard try Self.look(at: file) == standing else { throw Self.isNotOurs }
        try file.writeAll(bytes)
        standing = try Self.look(at: file)
    }

    private static let isNotOurs = SystemError(code: ENOENT, call: "open")

    private static func look(at file: Descriptor) throws(SystemError) -> StandingFile {
        do throws(FileProblem) {
            return try StandingFile(of: file)
        } catch {
            if case .system(let error) = error { throw error }
            throw isNotOurs
        }
    }
}
