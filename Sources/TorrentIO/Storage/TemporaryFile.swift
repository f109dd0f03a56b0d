import ByteStrings
import CPosixShims
import Glibc

/// A new file that is to replace another in the same folder. Where the file system supports it (O_TMPFILE), it has no
/// name until it is complete, so that a crash leaves nothing; otherwise its name is short, however long the other is.
final class TemporaryFile {
    let file: Descriptor
    private let folder: Descriptor
    /// Nil as long as it has none.
    private var name: ByteString?

    /// A name that is taken belongs to somebody else: another is drawn.
    private static let attempts = 16

    init(in folder: Descriptor, mode: UInt32, hasName: Bool = false) throws(SystemError) {
        self.folder = folder
        if !hasName, let unnamed = Self.openUnnamed(in: folder, mode: mode) {
            file = unnamed
            return
        }
        let (file, name) = try Self.underNewName { (name) throws(SystemError) in
            let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
            return Descriptor(
                owning: try retrying("open") { name.withCharacters { openat(folder.number, $0, flags, mode) } })
        }
        self.file = file
        self.name = name
    }

    /// Nil if the file system has no such thing, or the file could not be given a name later.
    private static func openUnnamed(in folder: Descriptor, mode: UInt32) -> Descriptor? {
        let number = openat(folder.number, ".", O_WRONLY | P2P_O_TMPFILE | O_CLOEXEC, mode)
        guard number >= 0 else { return nil }
        let file = Descriptor(owning: number)
        return access(path(of: file), F_OK) == 0 ? file : nil
    }

    private static func path(of file: Descriptor) -> String { "/proc/self/fd/\(file.number)" }

    private static let (prefix, suffix) = (".p2p-", ".tmp")

    /// What it is called while it has a name of its own.
    static func isName(_ name: ByteString) -> Bool {
        name.hasPrefix(prefix) && name.bytes.reversed().starts(with: suffix.utf8.reversed())
    }

    private static func underNewName<Result>(
        _ body: (ByteString) throws(SystemError) -> Result
    ) throws(SystemError) -> (Result, ByteString) {
        var attempt = 1
        while true {
            let name: ByteString = "\(prefix)\(String(RandomSeed.fromSystem(), radix: 36))\(suffix)"
            do throws(SystemError) {
                return (try body(name), name)
            } catch {
                guard error.isExisting, attempt < attempts else { throw error }
                attempt += 1
            }
        }
    }

    func take(modeAndOwnerOf old: stat) throws(SystemError) {
        var mode = old.st_mode & 0o7777
        // Only root gives files away. What ran as its owner must not run as us.
        if fchown(file.number, old.st_uid, old.st_gid) != 0 { mode &= 0o777 }
        try retrying("fchmod") { fchmod(file.number, mode) }
    }

    /// Takes the place of `target`, or its name if nobody has it.
    func replace(_ target: ByteString) throws(SystemError) {
        if name == nil { (_, name) = try Self.underNewName { (name) throws(SystemError) in try link(as: name) } }
        try retrying("rename") {
            (name ?? "").withCharacters { name in
                target.withCharacters { renameat(folder.number, name, folder.number, $0) }
            }
        }
        name = nil
    }

    /// The same, but EEXIST if the name is taken, even at the last moment.
    func appear(as target: ByteString) throws(SystemError) {
        do throws(SystemError) {
            try link(as: target)
            remove()
        } catch {
            guard name != nil, error.isWithoutLinks else { throw error }
            var status = stat()
            let isTaken = target.withCharacters { fstatat(folder.number, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0
            if isTaken { throw SystemError(code: EEXIST, call: "link") }
            try replace(target)
        }
    }

    private func link(as target: ByteString) throws(SystemError) {
        try retrying("link") {
            target.withCharacters { target in
                guard let name else {
                    return linkat(AT_FDCWD, Self.path(of: file), folder.number, target, AT_SYMLINK_FOLLOW)
                }
                return name.withCharacters { linkat(folder.number, $0, folder.number, target, 0) }
            }
        }
    }

    /// Takes its name away, if it has one of its own.
    func remove() {
        if let name { _ = name.withCharacters { unlinkat(folder.number, $0, 0) } }
        name = nil
    }
}
