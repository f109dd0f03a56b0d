package import TorrentCore
import TorrentIO

/// Makes a torrent of a file or a folder: the same content gives the same info hash on every machine.
///
/// Files come in the bytewise order of their whole paths, as mktorrent has them. Hidden files and empty files are
/// shared; symbolic links, pipes and devices are not (and are listed in `skipped`), since seeding follows no link
/// either; empty folders have no place in a torrent. PATH itself may be a link.
///
///     let maker = try TorrentMaker(path: "holiday", options: MakeOptions())
///     var builder = try maker.run { done in … } isCancelled: { false }
///     builder.trackerTiers = [["http://…/announce"]]
///     let bytes = builder.encoded
package struct TorrentMaker: Sendable {
    /// A file that will be shared.
    package struct File: Hashable, Sendable {
        /// Names of folders and, last, of the file, below the shared folder; of a single file its own name.
        package let components: [[UInt8]]
        /// Bytes.
        package let length: Int64
    }

    /// What is shared, in the order of the torrent.
    package let files: [File]
    /// What stands in the folder and is not shared, by its path below it: links, pipes, devices. At most 1,000 are listed.
    package let skipped: [String]
    /// Of the torrent.
    package let name: [UInt8]
    package let isSingleFile: Bool
    package let totalLength: Int64
    package let pieceLength: Int
    package let pieceCount: Int

    /// Looks what is there; reads no content yet.
    package init(path: String, options: MakeOptions) throws(MakeError) {
        throw .nothingToShare(path: path)
    }

    /// Hashes it all. Blocks; meanwhile `progress` is told on this thread, a few times a second, how many bytes are done,
    /// and `isCancelled` asked.
    package func run(
        progress: (Int64) -> Void, isCancelled: () -> Bool
    ) throws(MakeError) -> MetainfoBuilder {
        throw .cancelled
    }
}

/// How a torrent is to be made.
package struct MakeOptions: Sendable {
    /// Instead of the name of the file or folder.
    package var name: String?
    /// Bytes, a power of two; nil chooses by the size of the content (`PieceLengthTable`).
    package var pieceLength: Int?
    /// If there are any, only what one of them matches is shared.
    package var include: [Glob] = []
    /// What one of these matches is not shared, included or not.
    package var exclude: [Glob] = []
    package var threads = ProcessLimits.processors

    package init() {}
}
