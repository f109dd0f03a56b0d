import ByteStrings
import TestSupport
import Testing
import TorrentIO

/// A storage over a folder of its own: each file by path and length, a nil path for padding.
struct StorageFixture {
    let folder: TemporaryFolder
    let storage: FileStorage
    let cache: OpenFileCache

    init(_ files: [(String?, Int64)], openFiles: Int = 200, in parent: String = "/tmp", readsThroughLinks: Bool = false)
        throws
    {
        folder = try TemporaryFolder(in: parent)
        cache = OpenFileCache(limit: openFiles)
        let content = try ContentFolder(ByteString(folder.path), readsThroughLinks: readsThroughLinks)
        let list = try files.map { path, length in
            FileStorage.File(
                path: try path.map { try #require(RelativePath($0.split(separator: "/").map(String.init))) },
                length: length)
        }
        storage = try #require(FileStorage(folder: content, files: list, cache: cache))
    }

    /// Has the storage hold what stands there now, with the same leave for all that is there.
    func take(_ leave: FileLeave = .compare) throws {
        storage.take(
            try storage.files.map { file in
                FileHolding(
                    standing: try file.path.flatMap { try FolderCursor(storage.folder).standing($0) }, leave: leave)
            })
    }

    func standing(_ file: Int) throws -> StandingFile? {
        try storage.files[file].path.flatMap { try FolderCursor(storage.folder).standing($0) }
    }

    func write(_ bytes: [UInt8], at offset: Int64) throws(StorageError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        try storage.write(UnsafeRawBufferPointer(buffer), at: offset)
    }

    func read(_ count: Int, at offset: Int64) throws(StorageError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { buffer.deallocate() }
        try storage.read(buffer, at: offset)
        return Array(buffer)
    }

    /// Nil for a miss.
    func readCached(_ count: Int, at offset: Int64) -> [UInt8]? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { buffer.deallocate() }
        return storage.readCached(buffer, at: offset) ? Array(buffer) : nil
    }
}
