import ByteStrings
import CPosixShims
import Glibc

extension WriteTarget {
    /// Finds out, before the work for it begins, whether writing would fail. Makes a file and removes it, since
    /// permissions do not say everything.
    package func checkWritable() throws(SystemError) {
        switch standing {
        case .folder: throw SystemError(code: EISDIR, call: "open")
        case .stream, .disk:
            // Not opened yet: a pipe would have its reader wait, and devices may do something at once.
            try retrying("open") { path.withCharacters { faccessat(AT_FDCWD, $0, W_OK, AT_EACCESS) } }
        case .nothing, .file:
            let folder = try openFolder()
            try checkReplaceable(in: folder)
            try TemporaryFile(in: folder, mode: 0o600).remove()
        }
    }

    /// In a sticky folder, only the owners of file and folder may replace a file: others fail now, not at the end.
    private func checkReplaceable(in folder: Descriptor) throws(SystemError) {
        var (its, mine) = (stat(), stat())
        guard standing == .file, geteuid() != 0, fstat(folder.number, &its) == 0, its.st_mode & S_ISVTX != 0,
            name.withCharacters({ fstatat(folder.number, $0, &mine, AT_SYMLINK_NOFOLLOW) }) == 0
        else { return }
        guard its.st_uid == geteuid() || mine.st_uid == geteuid() else {
            throw SystemError(code: EPERM, call: "rename")
        }
    }

    /// Writes `bytes` into the pipe or device that stands there.
    package func stream(_ bytes: [UInt8]) throws(SystemError) {
        precondition(standing == .stream || standing == .disk, "a file is replaced")
        let flags = O_WRONLY | O_NOCTTY | O_CLOEXEC
        let device = Descriptor(owning: try retrying("open") { path.withCharacters { open($0, flags) } })
        try device.writeAll(bytes)
    }

    /// Puts a file with `bytes` where nothing or a regular file stands: a crash leaves the old one or the new one. The
    /// mode of the old one is kept, and its owner as far as we may; a new one gets `mode`, less the umask. Unless it
    /// `replaces`, EEXIST if something stands there.
    package func put(_ bytes: [UInt8], mode: UInt32, replaces: Bool) throws(SystemError) {
        do {
            try put(bytes, mode: mode, replaces: replaces, hasName: false)
        } catch {
            guard error.call == "link", !error.isExisting else { throw error }
            // A file system on which a file without a name does not get one.
            try put(bytes, mode: mode, replaces: replaces, hasName: true)
        }
    }

    /// `hasName` if the file has a name while it is written.
    func put(_ bytes: [UInt8], mode: UInt32, replaces: Bool, hasName: Bool) throws(SystemError) {
        switch standing {
        case .folder: throw SystemError(code: EISDIR, call: "open")
        case .stream, .disk: throw SystemError(code: ENOTSUP, call: "rename")
        case .nothing, .file: break
        }
        let folder = try openFolder()
        var status = stat()
        let isThere = name.withCharacters { fstatat(folder.number, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0
        // The old file may be private, so until it has the old one's mode, the new one is.
        let temporary = try TemporaryFile(in: folder, mode: isThere ? 0o600 : mode, hasName: hasName)
        do {
            try temporary.file.writeAll(bytes)
            if isThere { try temporary.take(modeAndOwnerOf: status) }
            try retrying("fsync") { fsync(temporary.file.number) }
            try replaces ? temporary.replace(name) : temporary.appear(as: name)
        } catch {
            temporary.remove()
            throw error
        }
        // The new name is a change of the folder. Without this it is atomic still, only later.
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        if let parent = try? Descriptor(owning: retrying("open") { path.parent.withCharacters { open($0, flags) } }) {
            _ = fsync(parent.number)
        }
    }

    /// For names in it: who may write to a folder need not be allowed to read it.
    private func openFolder() throws(SystemError) -> Descriptor {
        let flags = P2P_O_PATH | O_DIRECTORY | O_CLOEXEC
        return Descriptor(owning: try retrying("open") { path.parent.withCharacters { open($0, flags) } })
    }
}

extension Descriptor {
    /// All of `bytes`, or an error, with some of them written perhaps.
    func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = try retrying("write") {
                rest.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            }
            rest = rest.dropFirst(count)
        }
    }
}
