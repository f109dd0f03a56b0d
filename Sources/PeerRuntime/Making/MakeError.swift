package import ByteStrings
package import TorrentIO

/// Why no torrent could be made of a file or folder. Paths are as they are on disk, not fit for a terminal as they are.
package enum MakeError: Error, Hashable, Sendable {
    case notFound(path: ByteString)
    /// It is neither a file nor a folder.
    case notFileOrFolder(path: ByteString)
    case cannotRead(path: ByteString, SystemError)
    /// A file changed, shrank or went away since it was found.
    case changedWhileHashing(path: ByteString)
    /// There is no file in there, or none is left after `include` and `exclude`.
    case nothingToShare(path: ByteString)
    /// Its files are all empty.
    case onlyEmptyFiles(path: ByteString)
    /// `include` and `exclude` choose among the files of a folder, and this is one file.
    case patternsOfOneFile(path: ByteString)
    /// It is the very file that the torrent shall be written to.
    case isOwnFile(path: ByteString)
    /// A name that no torrent can carry: too long, or the path is.
    case unusableName(path: ByteString)
    /// The torrent's own name is no name for a file, or none was given where PATH has none (`/`).
    case unusableTorrentName(ByteString)
    /// Not a power of two from 16 KiB to 128 MiB.
    case unusablePieceLength(Int)
    /// More pieces than anybody would open: a larger piece length is needed.
    case tooManyPieces(Int64, limit: Int)
    case tooManyFiles(limit: Int)
    case cancelled
}

extension MakeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let path): "\(path): no such file or folder"
        case .notFileOrFolder(let path): "\(path): neither a file nor a folder"
        case .cannotRead(let path, let error): "\(path): \(error.text)"
        case .changedWhileHashing(let path): "\(path): changed while it was read; try again when it is at rest"
        case .nothingToShare(let path): "\(path): no files to share"
        case .onlyEmptyFiles(let path): "\(path): only empty files, which nobody could download"
        case .patternsOfOneFile(let path):
            "\(path): is one file; --exclude and --include choose among those of a folder"
        case .isOwnFile(let path): "\(path): its own torrent would take its place; name another with -o"
        case .unusableName(let path): "\(path): name or path too long for a torrent"
        case .unusableTorrentName(let name): "\"\(name)\" is no name for a torrent"
        case .unusablePieceLength(let length):
            "piece length \(length): must be a power of two from 16 KiB to 128 MiB"
        case .tooManyPieces(let count, let limit): "\(count) pieces, above \(limit): choose longer pieces"
        case .tooManyFiles(let limit): "more than \(limit) files"
        case .cancelled: "interrupted"
        }
    }
}
