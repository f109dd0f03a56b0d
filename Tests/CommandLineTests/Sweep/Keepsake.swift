import Foundation
import TestSupport

/// Bytes, or a link, that somebody put somewhere and that nobody else may touch.
struct Keepsake: Sendable {
    let path: String
    private let inode: UInt64
    private let kind: mode_t
    private let offset: Int
    private let bytes: [UInt8]
    /// Where it leads, if it is a symbolic link.
    private let destination: String?
    /// Zeros may become other bytes.
    private let mayBeFilled: Bool

    /// The bytes of the file at `path` from `offset` on, as they are now.
    init(_ path: String, from offset: Int = 0, count: Int? = nil, mayBeFilled: Bool = false) throws {
        self.mayBeFilled = mayBeFilled
        self.path = path
        inode = UInt64(try SweepFile.status(path).st_ino)
        kind = S_IFREG
        self.offset = offset
        let whole = try FileTree.read(path)
        bytes = Array(whole[offset..<(count.map { offset + $0 } ?? whole.count)])
        destination = nil
    }

    /// The symbolic link at `path`.
    init(link path: String) throws {
        self.path = path
        inode = UInt64(try SweepFile.status(path).st_ino)
        kind = S_IFLNK
        offset = 0
        mayBeFilled = false
        bytes = []
        destination = try FileManager.default.destinationOfSymbolicLink(atPath: path)
    }

    /// The pipe, or another thing without bytes, at `path`.
    init(special path: String) throws {
        self.path = path
        let status = try SweepFile.status(path)
        inode = UInt64(status.st_ino)
        kind = status.st_mode & S_IFMT
        offset = 0
        mayBeFilled = false
        bytes = []
        destination = nil
    }

    /// What has become of it; nil if it is as it was.
    var loss: String? {
        guard let status = try? SweepFile.status(path) else { return "\(path) is gone" }
        guard UInt64(status.st_ino) == inode, status.st_mode & S_IFMT == kind else {
            return "\(path) is another file now"
        }
        guard kind == S_IFREG || kind == S_IFLNK else { return nil }
        if let destination {
            let now = try? FileManager.default.destinationOfSymbolicLink(atPath: path)
            return now == destination ? nil : "\(path) leads to \(now ?? "nowhere") now"
        }
        guard let now = try? FileTree.read(path), now.count >= offset + bytes.count else {
            return "\(path) has been cut"
        }
        let part = now[offset..<offset + bytes.count]
        if part == bytes[...] { return nil }
        let isFilled = mayBeFilled && zip(part, bytes).allSatisfy { $0 == $1 || $1 == 0 }
        return isFilled ? nil : "\(path) has been written to"
    }
}
