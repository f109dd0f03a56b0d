import Glibc

/// Looks into a file on disk, to tell a half-done download from somebody else's file.
package struct FileProbe {
    private static let page: Int64 = 4_096
    // SEEK_DATA, which the C library shows to GNU programs alone.
    private static let seekData: Int32 = 3

    private let file: OpenFile
    private let size: Int64

    /// Opens the file to be read; throws if it is not there or no regular file.
    package init(_ path: RelativePath, in folder: ContentFolder) throws(FileProblem) {
        file = OpenFile(try folder.open(path, .read), isWritable: false)
        size = try StandingFile(of: file.descriptor).size
    }

    /// Whether it is empty or one hole from beginning to end: nobody ever wrote to it. False where the file system
    /// cannot tell.
    package var isHollow: Bool {
        size == 0 || (lseek(file.descriptor.number, 0, Self.seekData) == -1 && errno == ENXIO)
    }

    /// Whether bytes are lacking in `range`, as where a write was never begun or was interrupted: the file ends in it,
    /// or a page of zeros lies in it, or there is nothing but zeros.
    package func hasGap(in range: Range<Int64>) throws(FileProblem) -> Bool {
        guard range.upperBound <= size else { return true }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(64 * Self.page), alignment: 16)
        defer { buffer.deallocate() }
        var offset = range.lowerBound
        var isAllZero = true
        while offset < range.upperBound {
            // Up to the end of a page, so that every page lies in one part.
            let end = min(range.upperBound, (offset / Self.page + 64) * Self.page)
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(end - offset)])
            try file.read(part, at: offset)
            let pages = Self.pages(of: offset..<end)
            let (hasZeroPage, isZero) = Self.zeros(UnsafeRawBufferPointer(part), pages)
            if hasZeroPage { return true }
            isAllZero = isAllZero && isZero
            offset = end
        }
        return isAllZero
    }

    /// Where each page that lies in `range` begins, counted from the start of `range`.
    private static func pages(of range: Range<Int64>) -> [Int] {
        let first = (range.lowerBound + page - 1) / page * page
        return stride(from: first, through: range.upperBound - page, by: Int64.Stride(page)).map {
            Int($0 - range.lowerBound)
        }
    }

    private static func zeros(_ bytes: UnsafeRawBufferPointer, _ pages: [Int]) -> (aPage: Bool, all: Bool) {
        let aPage = pages.contains { start in bytes[start..<start + Int(page)].allSatisfy { $0 == 0 } }
        return (aPage, bytes.allSatisfy { $0 == 0 })
    }
}
