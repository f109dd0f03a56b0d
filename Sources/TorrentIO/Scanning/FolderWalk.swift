import Glibc

/// Lists what stands in a folder and those within it, following no link.
package struct FolderWalk {
    /// A regular file.
    package struct File: Sendable {
        /// Names of folders and, last, of the file.
        package let components: [[UInt8]]
        package let signature: FileSignature
    }

    /// What could not be listed, and where: a path below the folder, empty for the folder itself.
    package struct Failure: Error {
        package let components: [[UInt8]]
        package let error: SystemError
    }

    package private(set) var files: [File] = []
    /// Links, pipes, sockets and devices, by their path; the first thousand.
    package private(set) var others: [[[UInt8]]] = []
    /// There are more files than the limit; the walk ended there.
    package private(set) var isCutShort = false

    private static let othersLimit = 1_000

    /// Lists `path` in no order. Folders and files that `wants` turns away are left out, with all that they hold.
    package init(
        _ path: String, limit: Int, wants: (_ components: [[UInt8]], _ isFolder: Bool) -> Bool
    ) throws(Failure) {
        var folders: [[[UInt8]]] = [[]]
        while let folder = folders.popLast() {
            let place = Self.place(path, folder)
            for name in try Self.names(in: place, folder) {
                let components = folder + [name]
                var status = stat()
                let result = (place + [UInt8(ascii: "/")] + name + [0]).withCharacters { lstat($0, &status) }
                if result != 0 {
                    // It went away since the folder was read.
                    if errno == ENOENT { continue }
                    throw Failure(components: components, error: .last("lstat"))
                }
                switch status.st_mode & S_IFMT {
                case S_IFDIR: if wants(components, true) { folders.append(components) }
                case S_IFREG where wants(components, false):
                    guard files.count < limit else {
                        isCutShort = true
                        return
                    }
                    files.append(File(components: components, signature: FileSignature(status)))
                case S_IFREG: break
                default: if wants(components, false), others.count < Self.othersLimit { others.append(components) }
                }
            }
        }
    }

    private static func place(_ path: String, _ components: [[UInt8]]) -> [UInt8] {
        components.reduce(Array(path.utf8)) { $0 + [UInt8(ascii: "/")] + $1 }
    }

    /// All names but `.` and `..`.
    private static func names(in place: [UInt8], _ folder: [[UInt8]]) throws(Failure) -> [[UInt8]] {
        guard let stream = (place + [0]).withCharacters({ opendir($0) }) else {
            throw Failure(components: folder, error: .last("opendir"))
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw Failure(components: folder, error: .last("readdir")) }
                return names
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
    }
}

/// What stands at a path that the user names, links followed.
package enum PathKind: Sendable {
    case file(FileSignature)
    case folder
    case other

    /// Nil if nothing is there.
    package init?(_ path: String) throws(SystemError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .last("stat")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: self = .file(FileSignature(status))
        case S_IFDIR: self = .folder
        default: self = .other
        }
    }

    /// The path without links, `.` and `..`.
    package static func real(_ path: String) throws(SystemError) -> String {
        guard let resolved = realpath(path, nil) else { throw .last("realpath") }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

extension [UInt8] {
    /// Of bytes that end with a zero.
    fileprivate func withCharacters<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress else { preconditionFailure("a string has a terminator") }
                return body(start)
            }
        }
    }
}
