import Glibc

/// Where a path leads once all its links are followed.
package enum RealPath {
    /// Nil if nothing is there (realpath(3)).
    package static func of(_ path: String) -> String? {
        let real = realpath(path, nil)
        defer { free(real) }
        return real.map { String(cString: $0) }
    }
}
