package import ByteStrings
package import TorrentCore
import TorrentIO

/// Says what of a torrent is in a folder, by hashing all that is there.
///
/// Reads regular files alone, also through links that lie in the folder. Changes nothing.
package struct ContentChecker: Sendable {
    private let metainfo: Metainfo
    private let folder: ByteString
    private let threads: Int

    /// `folder` holds what the torrent names: its file, or its folder.
    package init(metainfo: Metainfo, folder: ByteString, threads: Int = ProcessLimits.processors) {
        self.metainfo = metainfo
        self.folder = folder
        self.threads = threads
    }

    /// Blocks; meanwhile `progress` is told on this thread, a few times a second, how many bytes of the payload are
    /// done (read, or known to be missing), and `isCancelled` asked.
    package func run(
        progress: (Int64) -> Void, isCancelled: () -> Bool
    ) throws(CheckError) -> ContentReport {
        let opened: ContentFolder
        do { opened = try ContentFolder(folder, readsThroughLinks: true) } catch { throw .folder(path: folder, error) }
        let paths = metainfo.files.map { $0.isStored ? RelativePath($0.path) : nil }
        var states = zip(metainfo.files, FolderSurvey.standings(of: paths, in: opened)).map {
            Self.state(of: $0, as: $1)
        }
        let files = zip(metainfo.files, states).map { file, state in
            ScanFile(
                path: file.isPadding ? nil : RelativePath(file.path), length: file.length,
                present: state.presentBytes(of: file.length))
        }
        let scanner = PayloadScanner(
            folder: opened, files: files, layout: metainfo.layout, geometry: metainfo.geometry, threads: threads)
        guard let result = scanner.run(progress: progress, isCancelled: isCancelled) else { throw .cancelled }

        // Files that were there but could not be opened or read after all.
        for problem in result.problems { states[problem.file] = .unusable(problem.problem) }
        let good = result.goodPieces(of: metainfo)
        let reports = metainfo.files.indices.map { file in
            report(file, states[file], good: good, hashed: result.hashed)
        }
        return ContentReport(pieces: good, files: reports)
    }

    private static func state(of file: MetainfoFile, as finding: FolderSurvey.Outcome) -> FileReport.State {
        guard file.isStored else { return .notStored }
        do throws(FileProblem) {
            guard let standing = try finding.get() else { return .missing }
            if standing.size == file.length { return .present }
            return standing.size < file.length ? .short(standing.size) : .long(standing.size)
        } catch {
            return .unusable(error)
        }
    }

    private func report(_ file: Int, _ state: FileReport.State, good: Bitfield, hashed: Bitfield) -> FileReport {
        let listed = metainfo.files[file]
        let present = state.presentBytes(of: listed.length)
        var (differing, uncheckable): ([Range<Int64>], [Range<Int64>]) = ([], [])
        if state != .notStored, present > 0 {
            let start = metainfo.layout.starts[file]
            for piece in metainfo.layout.pieces(of: file, pieceLength: metainfo.pieceLength) where !good[piece] {
                let index = metainfo.geometry.piece(piece)
                let begin = metainfo.geometry.offset(of: index) - start
                let (lower, upper) = (max(0, begin), min(present, begin + Int64(metainfo.geometry.length(of: index))))
                guard lower < upper else { continue }
                let range = lower..<upper
                if hashed[piece] { differing.append(merging: range) } else { uncheckable.append(merging: range) }
            }
        }
        return FileReport(
            path: listed.path, length: listed.length, state: state, differing: differing, uncheckable: uncheckable)
    }
}

extension FileReport.State {
    /// How many of the file's bytes can be read.
    fileprivate func presentBytes(of length: Int64) -> Int64 {
        switch self {
        case .present, .long, .notStored: length
        case .short(let size): size
        case .missing, .unusable: 0
        }
    }
}

extension [Range<Int64>] {
    /// Adds `range`, which begins at or after the end of the last one.
    fileprivate mutating func append(merging range: Range<Int64>) {
        if let last, last.upperBound == range.lowerBound {
            self[count - 1] = last.lowerBound..<range.upperBound
        } else {
            append(range)
        }
    }
}
