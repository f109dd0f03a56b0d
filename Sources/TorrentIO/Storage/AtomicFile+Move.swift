package import ByteStrings
import Glibc

extension AtomicFile {
    /// Gives a file another name, in place of a file that has it (rename). False if it cannot be done.
    package static func move(_ path: ByteString, to other: ByteString) -> Bool {
        path.withCharacters { from in other.withCharacters { rename(from, $0) } } == 0
    }
}
