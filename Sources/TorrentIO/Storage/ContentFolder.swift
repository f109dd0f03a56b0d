package import ByteStrings
import CPosixShims
import Glibc

/// A folder that files are opened below, and never beside: each component of a path is opened relative to the one above
/// and without following links, so neither a name nor a link planted on disk leads out of it. Who only reads may follow
/// the links that its user has put there.
package final class ContentFolder: Sendable {
    /// What a file is opened for.
    package enum Access: Sendable {
        /// To read a file that is there.
        case read
        /// To read and write a file that is there.
        case write
        /// To read and write a file that must not be there yet. Missing folders are made.
        case create
    }

    /// As it was given.
    package let path: ByteString
    /// Whether links below it are followed, to look at files and to read them. To write, none ever is.
    let readsThroughLinks: Bool
    private let descriptor: Descriptor

    func followsLinks(_ access: Access) -> Bool { access == .read && readsThroughLinks }

    /// Opens the folder, itself perhaps behind a link, since it is the user who names it. With `creating`, it and the
    /// folders above are made if they are missing.
    package init(
        _ path: ByteString, creating: Bool = false, readsThroughLinks: Bool = false
    ) throws(SystemError) {
        self.path = path
        self.readsThroughLinks = readsThroughLinks
        if creating { try Self.makeFolders(path) }
        descriptor = Descriptor(
            owning: try retrying("open") {
                path.withCharacters { Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            })
    }

    /// Opens a regular file, and nothing else.
    package func open(_ path: RelativePath, _ access: Access) throws(FileProblem) -> Descriptor {
        try FolderCursor(self).open(path, access)
    }

    func openFile(
        _ name: ArraySlice<UInt8>, in folder: Descriptor, _ access: Access
    ) throws(FileProblem) -> Descriptor {
        // O_NONBLOCK: a pipe planted here must not make us wait for its other end.
        var flags = (followsLinks(access) ? 0 : O_NOFOLLOW) | O_NONBLOCK | O_CLOEXEC
        switch access {
        case .read: flags |= O_RDONLY
        case .write: flags |= O_RDWR
        case .create: flags |= O_RDWR | O_CREAT | O_EXCL
        }
        let file = try Self.openAt(folder, name, flags)
        _ = try StandingFile(of: file)
        return file
    }

    func standing(_ name: ArraySlice<UInt8>, in folder: Descriptor) throws(FileProblem) -> StandingFile {
        try Self.withCString(name) { (name) throws(FileProblem) in
            try StandingFile(name, in: folder, followsLinks: readsThroughLinks)
        }
    }

    /// Whether its path still leads to it: it may have been moved, or another put in its place.
    package var isAtItsPath: Bool {
        var (now, held) = (stat(), stat())
        return path.withCharacters({ stat($0, &now) }) == 0 && fstat(descriptor.number, &held) == 0
            && now.st_dev == held.st_dev && now.st_ino == held.st_ino && held.st_nlink > 0
    }

    /// Its absolute path without links; the given path if that cannot be found.
    package var realPath: ByteString {
        guard let resolved = path.withCharacters({ realpath($0, nil) }) else { return path }
        defer { free(resolved) }
        return ByteString(characters: resolved)
    }

    /// Bytes that the file system has free for us; nil if it does not say.
    package var freeBytes: Int64? {
        var status = statvfs()
        guard fstatvfs(descriptor.number, &status) == 0 else { return nil }
        return Int64(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
    }

    /// The device that it lies on, as `StandingFile` has it; nil if that cannot be asked.
    var device: UInt64? {
        var standing = p2p_standing()
        return p2p_look(descriptor.number, nil, 0, &standing) == 0 ? standing.device : nil
    }

    /// Puts its file system on the disk; false with `errno` set if that failed.
    func sync(with syncAll: (Int32) -> Int32) -> Bool { syncAll(descriptor.number) == 0 }

    /// Flushes the folder that holds `path`, so that the names of new files are on the disk.
    func syncFolder(of path: RelativePath) throws(FileProblem) {
        let folder: Descriptor
        do throws(FileProblem) {
            folder = try openFolder(path.folders, creating: false)
        } catch {
            throw error.isNotFound ? .gone : error
        }
        // Some file systems cannot; then there is nothing to wait for.
        guard fsync(folder.number) == 0 || errno == EINVAL else { throw .notKept(.last("fsync")) }
    }

    // MARK: One component at a time

    /// With `followsLinks`, for reading alone, also a folder behind links.
    func openFolder(
        _ folders: [ArraySlice<UInt8>], creating: Bool, followsLinks: Bool = false
    ) throws(FileProblem) -> Descriptor {
        var current = descriptor
        for name in folders {
            do throws(FileProblem) {
                current = try Self.openFolder(name, in: current, followsLinks: followsLinks)
            } catch {
                guard creating, error.isNotFound else { throw error }
                let result = Self.withCString(name) { mkdirat(current.number, $0, 0o777) }
                guard result == 0 || errno == EEXIST else { throw .system(.last("mkdir")) }
                current = try Self.openFolder(name, in: current, followsLinks: followsLinks)
            }
        }
        return current
    }

    private static func openFolder(
        _ name: ArraySlice<UInt8>, in folder: Descriptor, followsLinks: Bool
    ) throws(FileProblem) -> Descriptor {
        try openAt(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followsLinks ? 0 : O_NOFOLLOW))
    }

    private static func openAt(
        _ folder: Descriptor, _ name: ArraySlice<UInt8>, _ flags: Int32
    ) throws(FileProblem) -> Descriptor {
        let error: SystemError
        do {
            return Descriptor(
                owning: try retrying("open") { withCString(name) { openat(folder.number, $0, flags, 0o666) } })
        } catch let failure {
            error = failure
        }
        switch error.code {
        case ELOOP: throw .symbolicLink
        case EEXIST: throw .exists
        case EISDIR, ENXIO, ENODEV: throw .notRegularFile
        case ENOTDIR:
            // A link to a folder is reported so too.
            var status = stat()
            let result = withCString(name) { fstatat(folder.number, $0, &status, AT_SYMLINK_NOFOLLOW) }
            throw result == 0 && status.isLink ? .symbolicLink : .notRegularFile
        default: throw .system(error)
        }
    }

    private static func makeFolders(_ path: ByteString) throws(SystemError) {
        var prefix: ByteString = path.isAbsolute ? "/" : ""
        for component in path.components {
            prefix = "\(prefix)\(component)/"
            guard prefix.withCharacters({ mkdir($0, 0o777) }) != 0, errno != EEXIST else { continue }
            // A folder above that we may not write to is no obstacle if it is there.
            let error = SystemError.last("mkdir")
            guard prefix.withCharacters({ access($0, F_OK) }) == 0 else { throw error }
        }
    }

    static func withCString<Result, Failure>(
        _ name: ArraySlice<UInt8>, _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { characters throws(Failure) in
            guard let start = characters.baseAddress else { preconditionFailure("a name has a terminator") }
            UnsafeMutableRawBufferPointer(characters).copyBytes(from: name)
            characters[name.count] = 0
            return try body(start)
        }
    }
}

extension stat {
    var isLink: Bool { st_mode & S_IFMT == S_IFLNK }
}
