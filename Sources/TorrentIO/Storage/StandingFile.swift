import CPosixShims
import Glibc

/// What is at a path, or what a descriptor leads to, at one moment. Two equal values mean the same file, unchanged in
/// between; within one run only, since device numbers change at a restart.
package struct StandingFile: Hashable, Sendable, BitwiseCopyable {
    package let signature: FileSignature
    /// Of the file system: an inode means something within it alone.
    package let device: UInt64
    /// Names that it has.
    package let links: UInt32

    /// Bytes.
    package var size: Int64 { signature.size }

    init(_ standing: p2p_standing) {
        signature = FileSignature(
            size: standing.size, modified: standing.modified, changed: standing.changed, born: standing.born,
            inode: standing.inode)
        device = standing.device
        links = standing.links
    }

    /// Of an open file; throws unless it is a regular one.
    package init(of file: Descriptor) throws(FileProblem) {
        var standing = p2p_standing()
        guard p2p_look(file.number, nil, 0, &standing) == 0 else { throw .system(.last("stat")) }
        guard standing.mode & UInt32(S_IFMT) == UInt32(S_IFREG) else { throw .notRegularFile }
        self.init(standing)
    }

    /// Of a name in a folder; throws unless it is a regular file.
    init(_ name: UnsafePointer<CChar>, in folder: Descriptor, followsLinks: Bool) throws(FileProblem) {
        var standing = p2p_standing()
        guard p2p_look(folder.number, name, followsLinks ? 1 : 0, &standing) == 0 else { throw .system(.last("stat")) }
        switch standing.mode & UInt32(S_IFMT) {
        case UInt32(S_IFREG): self.init(standing)
        case UInt32(S_IFLNK): throw .symbolicLink
        default: throw .notRegularFile
        }
    }

    /// Of a path that the user names, links followed; nil if that cannot be looked at.
    init?(following path: UnsafePointer<CChar>) {
        var standing = p2p_standing()
        guard p2p_look(AT_FDCWD, path, 1, &standing) == 0 else { return nil }
        self.init(standing)
    }

    /// How `now` differs from what stood at the same path before, in words for whoever lost it; nil if it does not.
    static func change(from before: StandingFile?, to now: StandingFile?) -> FileProblem? {
        switch (before, now) {
        case (nil, nil): nil
        case (nil, _?): .exists
        case (_?, nil): .gone
        case (let before?, let now?):
            if before == now {
                nil
            } else if before.device == now.device, before.signature.inode == now.signature.inode,
                before.signature.born == now.signature.born
            {
                .changed
            } else {
                .replaced
            }
        }
    }
}
