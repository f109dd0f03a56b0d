import Glibc

extension AtomicFile {
    /// Gives a file another name, in place of a file that has it (rename). False if it cannot be done.
    package static func move(_ path: String, to other: String) -> Bool { rename(path, other) == 0 }
}
