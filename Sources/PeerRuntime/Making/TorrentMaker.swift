package import ByteStrings
package import TorrentCore
package import TorrentIO

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
        /// Below the shared folder; of a single file its own name.
        package let path: RelativePath
        /// Bytes.
        package let length: Int64

        /// Names of folders and, last, of the file.
        package var components: [[UInt8]] { path.components.map { Array($0) } }
    }

    /// What is shared, in the order of the torrent.
    package let files: [File]
    /// What stands in the folder and is not shared, by its path below it: links, pipes, devices. At most 1,000 are
    /// listed.
    package let skipped: [ByteString]
    /// Of the torrent.
    package let name: [UInt8]
    package let isSingleFile: Bool
    /// Bytes of all files.
    package let totalLength: Int64
    /// Bytes, a power of two.
    package let pieceLength: Int
    /// At least one: a torrent of empty files alone is refused.
    package let pieceCount: Int

    /// Those of `MakeOptions.ownFiles` that stand in the folder, by their paths below it.
    package let leftOut: [ByteString]

    let source: MakeSource
    private let layout: FileLayout
    private let geometry: TorrentGeometry
    private let threads: Int

    /// Looks what is there; reads no content yet.
    package init(path: ByteString, options: MakeOptions) throws(MakeError) {
        let limits = MetainfoLimits()
        if let length = options.pieceLength {
            let isUsable = length.nonzeroBitCount == 1 && length >= PieceLengthTable.shortest
            guard isUsable, length <= PieceLengthTable.longestByHand else { throw .unusablePieceLength(length) }
        }
        let source = try MakeSource(path: path, options: options, limit: limits.files)
        self.source = source
        name = source.name
        files = source.files.map { File(path: $0.name, length: $0.signature.size) }
        skipped = source.skipped
        leftOut = source.leftOut
        isSingleFile = source.isSingleFile
        threads = options.threads

        guard let layout = FileLayout(lengths: files.map(\.length)) else { throw .nothingToShare(path: path) }
        self.layout = layout
        totalLength = layout.totalLength
        pieceLength = options.pieceLength ?? PieceLengthTable.length(for: totalLength)
        let pieces = (totalLength + Int64(pieceLength) - 1) / Int64(pieceLength)
        guard pieces <= limits.pieces,
            let geometry = TorrentGeometry(totalLength: totalLength, pieceLength: pieceLength)
        else { throw .tooManyPieces(pieces, limit: limits.pieces) }
        self.geometry = geometry
        pieceCount = geometry.pieceCount
    }

    /// The name that a torrent of `path` gets.
    package static func name(of path: ByteString, _ options: MakeOptions) throws(MakeError) -> [UInt8] {
        try MakeSource.name(of: path, options)
    }

    /// Hashes all files. Blocks. Meanwhile calls `progress` on this thread, a few times a second, with how many bytes
    /// are done, and asks `isCancelled`.
    package func run(
        progress: (Int64) -> Void, isCancelled: () -> Bool
    ) throws(MakeError) -> MetainfoBuilder {
        let folder: ContentFolder
        do { folder = try ContentFolder(source.folder) } catch { throw .cannotRead(path: source.folder, error) }
        let scanned = source.files.map {
            ScanFile(path: $0.path, length: $0.signature.size, present: $0.signature.size)
        }
        let scanner = PayloadScanner(
            folder: folder, files: scanned, layout: layout, geometry: geometry, threads: threads)
        guard let result = scanner.run(progress: progress, isCancelled: isCancelled) else { throw .cancelled }
        try checkUnchanged(in: folder, result)

        let content: MetainfoBuilder.Content =
            isSingleFile
            ? .singleFile(length: totalLength)
            : .files(files.map { MetainfoBuilder.File(components: $0.components, length: $0.length) })
        return MetainfoBuilder(name: name, pieceLength: pieceLength, content: content, pieces: result.digests)
    }

    /// A file that was written to meanwhile has digests that nobody can seed.
    private func checkUnchanged(in folder: ContentFolder, _ result: ScanResult) throws(MakeError) {
        if let first = result.problems.first {
            let path = source.place(of: first.file)
            if case .system(let error) = first.problem { throw .cannotRead(path: path, error) }
            throw .changedWhileHashing(path: path)
        }
        let findings = FolderSurvey.standings(of: source.files.map(\.path), in: folder)
        for (position, file) in source.files.enumerated()
        where (try? findings[position].get())?.signature != file.signature {
            throw .changedWhileHashing(path: source.place(of: position))
        }
        precondition(result.hashed.isFull, "a piece was neither hashed nor a problem")
    }
}

/// How a torrent is to be made.
package struct MakeOptions: Sendable {
    /// Instead of the name of the file or folder.
    package var name: ByteString?
    /// Bytes, a power of two; nil chooses by the size of the content (`PieceLengthTable`).
    package var pieceLength: Int?
    /// If there are any, only what one of them matches is shared.
    package var include: [Glob] = []
    /// What one of these matches is not shared, included or not.
    package var exclude: [Glob] = []
    /// Files that we are about to write, by their whole paths without links: none of them is shared.
    package var ownFiles: [ByteString] = []
    /// Threads that read and hash.
    package var threads = ProcessLimits.processors

    package init() {}
}
