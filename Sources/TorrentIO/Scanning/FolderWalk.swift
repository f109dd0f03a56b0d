package import ByteStrings
import Glibc

/// Lists what stands in a folder and those within it, following no link.
package struct FolderWalk {
    /// A regular file.
    package struct File: Sendable {
        package let path: RelativePath
        package let signature: FileSignature
    }

    /// What could not be listed, and where: a path below the folder, empty for the folder itself.
    package struct Failure: Error {
        /// Names of folders, separated by `/`; they need not be UTF-8.
        package let path: [UInt8]
        package let error: SystemError
    }

    /// Whether a file or folder is wanted: names of folders and, last, its own.
    package typealias Filter = (_ components: [[UInt8]], _ isFolder: Bool) -> Bool

    package private(set) var files: [File] = []
    /// Links, pipes, sockets and devices, by their paths; the first thousand.
    package private(set) var others: [[UInt8]] = []
    /// A file whose name is too long for a path of ours; the walk ended there.
    package private(set) var unusable: [UInt8]?
    /// There are more files than the limit; the walk ended there.
    package private(set) var isCutShort = false

    private static let othersLimit = 1_000

    /// Lists `path` in no particular order. Files and folders for which `wants` is false are left out, with all below
    /// them; without `wants` everything is listed.
    package init(_ path: ByteString, limit: Int, wants: Filter? = nil) throws(Failure) {
        let found = try list(path, limit: limit, wants: wants)
        guard unusable == nil, !isCutShort else { return }
        let folder: ContentFolder
        do { folder = try ContentFolder(path) } catch { throw Failure(path: [], error: error) }
        files.reserveCapacity(found.count)
        for (path, finding) in zip(found, FolderSurvey.standings(of: found, in: folder)) {
            switch finding {
            case .success(let standing?): files.append(File(path: path, signature: standing.signature))
            // It went away since its folder was listed, or something else came in its place.
            case .success(nil): continue
            case .failure(.system(let error)): throw Failure(path: path.bytes, error: error)
            case .failure: note(other: path.bytes)
            }
        }
    }

    /// The paths of the files.
    private mutating func list(_ path: ByteString, limit: Int, wants: Filter?) throws(Failure) -> [RelativePath] {
        var found: [RelativePath] = []
        var folders: [[UInt8]] = [[]]
        while let folder = folders.popLast() {
            for entry in try FolderListing.entries(of: folder, in: path) {
                if let wants, !wants(Self.components(entry.path), entry.kind == .folder) { continue }
                switch entry.kind {
                case .folder: folders.append(entry.path)
                case .other: note(other: entry.path)
                case .file:
                    guard found.count < limit else {
                        isCutShort = true
                        return []
                    }
                    guard let usable = RelativePath(joined: entry.path) else {
                        unusable = entry.path
                        return []
                    }
                    found.append(usable)
                }
            }
        }
        return found
    }

    private mutating func note(other path: [UInt8]) {
        if others.count < Self.othersLimit { others.append(path) }
    }

    private static func components(_ path: [UInt8]) -> [[UInt8]] {
        path.split(separator: UInt8(ascii: "/")).map { Array($0) }
    }
}

/// What stands in one folder.
private enum FolderListing {
    enum Kind { case file, folder, other }

    struct Entry {
        /// Below the folder where the walk began.
        let path: [UInt8]
        let kind: Kind
    }

    /// All but `.` and `..` of the folder at `folder` below `top`.
    static func entries(of folder: [UInt8], in top: ByteString) throws(FolderWalk.Failure) -> [Entry] {
        let prefix = folder.isEmpty ? [] : folder + [UInt8(ascii: "/")]
        guard let stream = ("\(top)/\(prefix)" as ByteString).withCharacters({ opendir($0) }) else {
            throw FolderWalk.Failure(path: folder, error: .last("opendir"))
        }
        defer { closedir(stream) }
        var entries: [Entry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw FolderWalk.Failure(path: folder, error: .last("readdir")) }
                return entries
            }
            guard let path = path(of: &entry.pointee, after: prefix) else { continue }
            let kind: Kind?
            do {
                kind = try self.kind(of: &entry.pointee, in: stream)
            } catch {
                throw FolderWalk.Failure(path: path, error: error)
            }
            if let kind { entries.append(Entry(path: path, kind: kind)) }
        }
    }

    /// Nil for `.` and `..`.
    private static func path(of entry: inout dirent, after prefix: [UInt8]) -> [UInt8]? {
        withUnsafeBytes(of: &entry.d_name) { bytes in
            let name = bytes.prefix { $0 != 0 }
            if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { return nil }
            var path: [UInt8] = []
            path.reserveCapacity(prefix.count + name.count)
            path.append(contentsOf: prefix)
            path.append(contentsOf: name)
            return path
        }
    }

    /// The kind as the folder's entry says, or from a system call if the entry does not; nil if it has gone meanwhile.
    private static func kind(of entry: inout dirent, in stream: OpaquePointer) throws(SystemError) -> Kind? {
        switch Int(entry.d_type) {
        case Int(DT_REG): return .file
        case Int(DT_DIR): return .folder
        case Int(DT_UNKNOWN): break
        default: return .other
        }
        var status = stat()
        let result = withUnsafeBytes(of: &entry.d_name) { name in
            name.withMemoryRebound(to: CChar.self) { name in
                name.baseAddress.map { fstatat(dirfd(stream), $0, &status, AT_SYMLINK_NOFOLLOW) } ?? -1
            }
        }
        if result != 0 {
            if errno == ENOENT { return nil }
            throw .last("fstatat")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        default: return .other
        }
    }
}

/// What stands at a path that the user names, links followed.
package enum PathKind: Sendable {
    /// A regular file, with its marks.
    case file(FileSignature)
    /// A folder, or a link to one.
    case folder
    /// A pipe, a socket or a device.
    case other

    /// Nil if nothing is there.
    package init?(_ path: ByteString) throws(SystemError) {
        var status = stat()
        guard path.withCharacters({ stat($0, &status) }) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .last("stat")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            guard let standing = path.withCharacters({ StandingFile(following: $0) }) else { return nil }
            self = .file(standing.signature)
        case S_IFDIR: self = .folder
        default: self = .other
        }
    }

    /// The path without links, `.` and `..`.
    package static func real(_ path: ByteString) throws(SystemError) -> ByteString {
        guard let resolved = path.withCharacters({ realpath($0, nil) }) else { throw .last("realpath") }
        defer { free(resolved) }
        return ByteString(characters: resolved)
    }
}
