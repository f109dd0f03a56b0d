package import ByteStrings
import Glibc

/// What is at the path that a file is to be written to. Links are followed, also one that leads to nothing yet.
package struct WriteTarget: Sendable {
    /// What is there.
    package enum Standing: Sendable, Equatable {
        /// A file can be made there.
        case nothing
        /// A regular file, which a new one may replace.
        case file
        /// Nothing can be written in its place.
        case folder
        /// A pipe or a device: it is written to and stays.
        case stream
        /// A device with content of its own, such as a disk.
        case disk
    }

    package let standing: Standing
    /// The path without a link at its end, where a file is or may come.
    package let path: ByteString

    private static let slash = UInt8(ascii: "/")
    /// As many links may lead from one to the next (MAXSYMLINKS).
    private static let linkLimit = 40

    package init(_ path: ByteString) throws(SystemError) {
        var status = stat()
        if path.withCharacters({ stat($0, &status) }) == 0 {
            standing = Self.standing(status)
            self.path = standing == .file ? try Self.realPath(path, status) : path
            return
        }
        let error = SystemError.last("open")
        guard error.isNotFound else { throw error }
        standing = .nothing
        self.path = try Self.followed(path)
        // "" and "folder/" name no file.
        guard !name.isEmpty else { throw error }
    }

    /// Of the file in its folder.
    var name: ByteString { ByteString(path.bytes[Self.nameStart(path)...]) }

    /// The same with a folder that has no links either; nil if there is none.
    package var absolutePath: ByteString? { Self.resolved(path.parent)?.appending(name) }

    private static func nameStart(_ path: ByteString) -> Int { path.bytes.lastIndex(of: slash).map { $0 + 1 } ?? 0 }

    private static func standing(_ status: stat) -> Standing {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFBLK: .disk
        default: .stream
        }
    }

    private static func resolved(_ path: ByteString) -> ByteString? {
        guard let resolved = path.withCharacters({ realpath($0, nil) }) else { return nil }
        defer { free(resolved) }
        return ByteString(characters: resolved)
    }

    /// The links of /proc lead to files that may have lost the names which they give.
    private static func realPath(_ path: ByteString, _ expected: stat) throws(SystemError) -> ByteString {
        var status = stat()
        guard let real = resolved(path), real.withCharacters({ lstat($0, &status) }) == 0,
            status.st_dev == expected.st_dev, status.st_ino == expected.st_ino
        else { throw SystemError(code: ENOENT, call: "open") }
        return real
    }

    /// Where the links at `path` lead, at whose end there is nothing.
    private static func followed(_ path: ByteString) throws(SystemError) -> ByteString {
        var path = path
        for _ in 0..<linkLimit {
            var target = [CChar](repeating: 0, count: Int(PATH_MAX))
            let length = path.withCharacters { readlink($0, &target, target.count) }
            guard length > 0 else { return path }
            let link = target[..<length].map { UInt8(bitPattern: $0) }
            path = ByteString(link.first == slash ? link : path.bytes[..<nameStart(path)] + link)
        }
        throw SystemError(code: ELOOP, call: "open")
    }
}
