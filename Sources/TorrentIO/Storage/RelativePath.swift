internal import ByteStrings
import Glibc
package import TorrentCore

/// A path below a content folder, of components that cannot climb out by their names. Components are bytes, as POSIX
/// has them.
package struct RelativePath: Hashable, Sendable, CustomStringConvertible {
    /// The components with `/` between them: one array, shared with the metainfo, for there may be 100,000 paths.
    package let bytes: [UInt8]

    /// Longest component, bytes, as all common file systems have it.
    package static let componentBytes = 255

    /// Nil unless there is a component, and none is empty, ".", "..", too long, or has a slash or a zero byte in it.
    package init?(_ components: [[UInt8]]) {
        guard !components.isEmpty, components.allSatisfy(Self.isUsable) else { return nil }
        bytes = Array(components.joined(separator: [Self.slash]))
    }

    /// The components with `/` between them; nil as above.
    package init?(joined bytes: [UInt8]) {
        guard Self.split(bytes[...]).allSatisfy({ Self.isUsable($0) }) else { return nil }
        self.bytes = bytes
    }

    package init?(_ components: [String]) {
        self.init(components.map { Array($0.utf8) })
    }

    /// A torrent's path has been checked for the same faults, and more.
    package init(_ path: TorrentPath) {
        bytes = path.bytes
    }

    /// The names of the folders and, last, of the file.
    package var components: [ArraySlice<UInt8>] { Self.split(bytes[...]) }
    /// The folders above it, outermost first.
    var folders: [ArraySlice<UInt8>] { nameStart == 0 ? [] : Self.split(folderBytes) }
    /// The same in one, without a slash at the end; empty if there is none.
    var folderBytes: ArraySlice<UInt8> { bytes[..<max(0, nameStart - 1)] }
    var name: ArraySlice<UInt8> { bytes[nameStart...] }

    /// Not fit for a terminal as it is: names come from strangers.
    package var description: String { ByteString(bytes).description }

    private static let slash = UInt8(ascii: "/")

    private var nameStart: Int { bytes.lastIndex(of: Self.slash).map { $0 + 1 } ?? 0 }

    private static func split(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        bytes.split(separator: slash, omittingEmptySubsequences: false)
    }

    private static func isUsable(_ component: some Collection<UInt8>) -> Bool {
        !component.isEmpty && component.count <= componentBytes && !component.elementsEqual(".".utf8)
            && !component.elementsEqual("..".utf8) && !component.contains(0) && !component.contains(slash)
    }
}

extension RelativePath: Comparable {
    /// By the bytes of the whole path, `/` included.
    package static func < (left: RelativePath, right: RelativePath) -> Bool {
        let common = min(left.bytes.count, right.bytes.count)
        let order = memcmp(left.bytes, right.bytes, common)
        return order == 0 ? left.bytes.count < right.bytes.count : order < 0
    }
}
