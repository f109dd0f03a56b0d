import Foundation
import TestSupport

/// What the sweep does to files, each with its error aloud.
enum SweepFile {
    static func check(_ result: Int32, _ what: String) throws {
        guard result == 0 else { throw TestFailure("\(what): \(String(cString: strerror(errno)))") }
    }

    /// Of what stands at `path` itself, be it a link.
    static func status(_ path: String) throws -> stat {
        var status = stat()
        try check(lstat(path, &status), "lstat \(path)")
        return status
    }

    static func remove(_ path: String) throws { try check(unlink(path), "unlink \(path)") }

    static func move(_ path: String, to other: String) throws { try check(rename(path, other), "rename \(path)") }

    /// Writes over what is there, in place.
    static func put(_ bytes: [UInt8], at offset: Int, in path: String) throws {
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: bytes)
        try handle.close()
    }

    // As <sys/stat.h> has UTIME_NOW and UTIME_OMIT, which are macros.
    static let now = timespec(tv_sec: 0, tv_nsec: (1 << 30) - 1)
    private static let unchanged = timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2)

    static func modified(_ path: String) throws -> timespec { try status(path).st_mtim }

    static func setModified(_ path: String, _ time: timespec) throws {
        let times = [unchanged, time]
        try check(utimensat(AT_FDCWD, path, times, 0), "utimensat \(path)")
    }

    /// So many bytes that no torrent here has.
    static func foreign(_ count: Int) -> [UInt8] {
        (0..<count).map { Mutation.marker[$0 % Mutation.marker.count] }
    }

    /// True if a regular file is there, perhaps behind symbolic links.
    static func leadsToFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// True for a regular file to which no symbolic link leads, from `root` down.
    static func isOwnFile(_ path: String, below root: String) -> Bool {
        var here = root
        for part in path.split(separator: "/") {
            here += "/\(part)"
            guard let status = try? status(here), status.st_mode & S_IFMT != S_IFLNK else { return false }
        }
        return (try? status(here)).map { $0.st_mode & S_IFMT == S_IFREG } ?? false
    }
}
