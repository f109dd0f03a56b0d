import Glibc
import TorrentCore

/// Reads pieces for one `ScanWorker`, with a few files kept open and a note of where they have holes.
final class ScanReader {
    enum Presence {
        /// All of it may be read.
        case data
        /// It lies in a hole of a sparse file: all zeros, without reading.
        case hole
        /// A part of it is not there.
        case absent
    }

    private struct OpenEntry {
        let file: Int
        let descriptor: Descriptor
        var lastUse: Int
        /// A stretch of which it is known whether it is a hole.
        var known: Range<Int64> = 0..<0
        var isHole = false
    }

    /// Files kept open: one for each of up to 16 pieces that are read side by side, and some more.
    private static let limit = 24
    // SEEK_DATA and SEEK_HOLE, which the C library shows to GNU programs alone.
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4

    private let scanner: PayloadScanner
    private let folder: FolderCursor
    private var open: [OpenEntry] = []
    private var uses = 0

    init(_ scanner: PayloadScanner) {
        self.scanner = scanner
        folder = FolderCursor(scanner.folder)
    }

    /// What can be known of a piece before it is read.
    func look(at piece: PieceIndex) -> Presence {
        let segments = segments(of: piece, begin: 0, length: scanner.geometry.length(of: piece))
        for segment in segments where segment.offset + Int64(segment.length) > scanner.files[segment.file].present {
            return .absent
        }
        guard segments.count == 1, let only = segments.first, scanner.files[only.file].path != nil,
            let entry = entry(of: only.file)
        else { return .data }
        return isHole(entry, only.offset..<only.offset + Int64(only.length)) ? .hole : .data
    }

    /// Asks the system to prefetch a piece of several batches: read part by part, beside others, the disk would seek
    /// all the time. A part of a file that fits into one batch is read in one go anyway.
    func willRead(_ piece: PieceIndex) {
        for segment in segments(of: piece, begin: 0, length: scanner.geometry.length(of: piece))
        where segment.length > scanner.sliceLength {
            guard scanner.files[segment.file].path != nil, let entry = entry(of: segment.file) else { continue }
            posix_fadvise(
                open[entry].descriptor.number, off_t(segment.offset), off_t(segment.length), POSIX_FADV_WILLNEED)
        }
    }

    /// Fills `bytes` from `begin` bytes within `piece` on; false, with the problem noted, if that cannot be.
    func read(_ piece: PieceIndex, begin: Int, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        var done = 0
        for segment in segments(of: piece, begin: begin, length: bytes.count) {
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[done..<done + segment.length])
            done += segment.length
            if scanner.files[segment.file].path == nil {
                part.initializeMemory(as: UInt8.self, repeating: 0)
            } else {
                guard let entry = entry(of: segment.file), read(entry, segment.offset, into: part) else { return false }
            }
        }
        return true
    }

    private func segments(of piece: PieceIndex, begin: Int, length: Int) -> [FileLayout.Segment] {
        scanner.layout.segments(offset: scanner.geometry.offset(of: piece) + Int64(begin), length: length)
    }

    private func read(_ entry: Int, _ offset: Int64, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = pread(
                open[entry].descriptor.number, bytes.baseAddress.map { $0 + done }, bytes.count - done,
                off_t(offset) + off_t(done))
            if count > 0 {
                done += count
            } else if count == 0 {
                scanner.note(.shrank, with: open[entry].file)
                return false
            } else if errno != EINTR {
                scanner.note(.system(.last("pread")), with: open[entry].file)
                return false
            }
        }
        return true
    }

    /// Its position among the open ones, opened if need be; nil, with the problem noted, if that cannot be.
    private func entry(of file: Int) -> Int? {
        uses += 1
        if let entry = open.firstIndex(where: { $0.file == file }) {
            open[entry].lastUse = uses
            return entry
        }
        guard let path = scanner.files[file].path, scanner.problem(with: file) == nil else { return nil }
        do throws(FileProblem) {
            let entry = OpenEntry(file: file, descriptor: try folder.open(path), lastUse: uses)
            if open.count < Self.limit {
                open.append(entry)
                return open.count - 1
            }
            let oldest = open.indices.min { open[$0].lastUse < open[$1].lastUse } ?? 0
            open[oldest] = entry
            return oldest
        } catch {
            scanner.note(error, with: file)
            return nil
        }
    }

    private func isHole(_ entry: Int, _ range: Range<Int64>) -> Bool {
        if !open[entry].known.contains(range.lowerBound) {
            let file = open[entry].descriptor.number
            let data = lseek(file, off_t(range.lowerBound), Self.seekData)
            if data > range.lowerBound {
                (open[entry].known, open[entry].isHole) = (range.lowerBound..<Int64(data), true)
            } else if data == -1, errno == ENXIO {
                // A hole to the end, unless the end has come nearer meanwhile.
                var status = stat()
                let end = fstat(file, &status) == 0 ? Int64(status.st_size) : 0
                (open[entry].known, open[entry].isHole) = (range.lowerBound..<max(range.lowerBound, end), true)
            } else {
                // Data, or a file system that cannot tell.
                let hole = data == -1 ? -1 : lseek(file, off_t(range.lowerBound), Self.seekHole)
                let end = hole > range.lowerBound ? Int64(hole) : Int64.max
                (open[entry].known, open[entry].isHole) = (range.lowerBound..<end, false)
            }
        }
        return open[entry].isHole && range.upperBound <= open[entry].known.upperBound
    }
}
