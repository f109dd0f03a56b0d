import Glibc

/// What changes when somebody else touches a file: a resume record holds it.
package struct FileSignature: Hashable, Sendable, BitwiseCopyable {
    /// Bytes.
    package let size: Int64
    /// Since 1970.
    package let modifiedNanoseconds: Int64
    package let inode: UInt64

    package init(size: Int64, modifiedNanoseconds: Int64, inode: UInt64) {
        self.size = size
        self.modifiedNanoseconds = modifiedNanoseconds
        self.inode = inode
    }

    init(_ status: stat) {
        size = Int64(status.st_size)
        modifiedNanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        inode = UInt64(status.st_ino)
    }
}
