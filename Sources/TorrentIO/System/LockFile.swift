package import ByteStrings
import CPosixShims
import Glibc

/// A file of which each byte can be locked, so that processes can tell each other what they are at work on. The system
/// lets go of the locks of a process that ends, however it ends. Locks of one `LockFile` never meet each other.
package final class LockFile: Sendable {
    /// What became of a lock.
    package enum Answer: Sendable, Equatable {
        /// It is ours, until we let go of it or end.
        case locked
        /// Another process has it.
        case taken
        /// The file system knows no locks.
        case unknown
    }

    private let file: Descriptor

    /// Makes the file if it is not there; nothing is ever written to it. Throws if something else stands there.
    package init(_ path: ByteString) throws(SystemError) {
        let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        file = Descriptor(owning: try retrying("open") { path.withCharacters { open($0, flags, 0o600) } })
        guard (try? StandingFile(of: file)) != nil else { throw SystemError(code: EINVAL, call: "open") }
    }

    /// Locks one byte, exclusively or shared. A lock that is held already becomes one of this kind.
    package func lock(_ position: UInt64, exclusive: Bool) -> Answer {
        if p2p_lock_byte(file.number, Self.offset(position), exclusive ? 1 : 0) == 0 { return .locked }
        return errno == EAGAIN || errno == EACCES ? .taken : .unknown
    }

    /// Lets go of one byte; no harm if it was not locked.
    package func unlock(_ position: UInt64) { _ = p2p_unlock_byte(file.number, Self.offset(position)) }

    // Kept below the greatest length that a file can have.
    private static func offset(_ position: UInt64) -> Int64 { Int64(position >> 2) }
}
