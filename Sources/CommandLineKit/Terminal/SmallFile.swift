internal import ByteStrings
internal import Glibc

/// Reads a small file whole, and does not wait for one unless it may.
enum SmallFile {
    /// Why it cannot be read.
    enum Problem: Error, Equatable, CustomStringConvertible {
        case notFound
        case notPermitted
        /// Permissions do not even show whether there is such a file.
        case outOfReach
        /// Something else is there.
        case other(Kind)
        case tooLong
        case system(Int32)

        /// What is there instead of a file.
        enum Kind: String { case folder, pipe, device, socket }

        var description: String {
            switch self {
            case .notFound: "it does not exist"
            case .notPermitted, .outOfReach: "permission denied"
            case .other(let kind): "it is a \(kind.rawValue), not a file"
            case .tooLong: "it is too long"
            case .system(let code): strerror(code).map { String(cString: $0) } ?? "error \(code)"
            }
        }

        fileprivate static func last() -> Problem {
            switch errno {
            case ENOENT, ENOTDIR, ENAMETOOLONG: .notFound
            case EACCES, EPERM: .notPermitted
            // For a socket.
            case ENXIO: .other(.socket)
            default: .system(errno)
            }
        }
    }

    /// All of the regular file at `path`, links followed; `/dev/null` is an empty one. Where it may wait, a pipe will
    /// do, too.
    static func read(_ path: ByteString, limit: Int, mayWait: Bool = false) throws(Problem) -> [UInt8] {
        // O_NONBLOCK: opening a pipe does not wait.
        let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | (mayWait ? 0 : O_NONBLOCK)
        let descriptor = path.withCharacters { open($0, flags) }
        guard descriptor >= 0 else {
            let problem = Problem.last()
            let isThere = path.withCharacters { access($0, F_OK) } == 0
            throw problem == .notPermitted && !isThere ? .outOfReach : problem
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last() }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFIFO where mayWait: break
        case S_IFCHR where status.st_rdev == nullDevice: return []
        case S_IFDIR: throw .other(.folder)
        case S_IFIFO: throw .other(.pipe)
        default: throw .other(.device)
        }
        var bytes: [UInt8] = []
        while true {
            var code: Int32 = 0
            let part = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                let got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                code = got < 0 ? errno : 0
                count = max(0, got)
            }
            if code == EINTR { continue }
            guard code == 0 else { throw .system(code) }
            if part.isEmpty { return bytes }
            bytes += part
            guard bytes.count <= limit else { throw .tooLong }
        }
    }

    /// Whether others than its owner and group may read what stands at a path.
    static func isReadableByOthers(_ path: ByteString) -> Bool {
        var status = stat()
        return path.withCharacters({ stat($0, &status) }) == 0 && status.st_mode & S_IFMT == S_IFREG
            && status.st_mode & S_IROTH != 0
    }

    /// The device of `/dev/null`, by its number on Linux (major 1, minor 3).
    private static let nullDevice: dev_t = 0x103
}
