/// What changes when somebody else touches a file: a resume record holds it.
///
/// Times are nanoseconds since 1970 modulo 2^64, for comparing alone: a file may be dated 2300. The time of change is
/// there since the time of modification can be put back.
package struct FileSignature: Hashable, Sendable, BitwiseCopyable {
    /// Bytes.
    package let size: Int64
    /// When its bytes were changed last; anybody may put it back.
    package let modified: Int64
    /// When its bytes or its marks were changed last; nobody can put it back.
    package let changed: Int64
    /// When it was made; 0 where the file system does not say.
    package let born: Int64
    /// Its number in its file system, which another file may have once it is gone.
    package let inode: UInt64

    package init(size: Int64, modified: Int64, changed: Int64, born: Int64, inode: UInt64) {
        self.size = size
        self.modified = modified
        self.changed = changed
        self.born = born
        self.inode = inode
    }

    /// Whether both are of the same file, however it was changed in between. Inode numbers are reused at once, so
    /// without a time of birth this is false.
    package func isSameFile(as other: FileSignature) -> Bool {
        inode == other.inode && born == other.born && born != 0
    }
}
