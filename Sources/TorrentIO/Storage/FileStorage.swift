import Glibc
import Synchronization
package import TorrentCore

/// Takes the payload of pieces that were verified.
package protocol PieceStore: Sendable {
    /// Writes all of `bytes`, which belong at `offset` of the payload.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(StorageError)
}

/// The payload of one torrent as files below a folder. From any thread; all verbs but `readCached` and
/// `mapCached` may wait for a disk.
///
/// A file that is there and that nobody called ours (`adopt`) is read but never written: `write` lets pass what stands
/// there already, since a piece may reach into a file that is whole, and throws at anything else. A file that this
/// object makes is ours; it is made at its first write, at full length and sparse. Padding files (BEP 47) exist
/// nowhere: they read as zeros, and what is written to them is dropped.
package final class FileStorage: PieceStore {
    /// A file of the payload, as it is to lie on disk.
    package struct File: Sendable, Hashable {
        /// Nil for a padding file.
        package let path: RelativePath?
        /// Bytes.
        package let length: Int64

        package init(path: RelativePath?, length: Int64) {
            self.path = path
            self.length = length
        }
    }

    // What only changes when files are opened, made or flushed, never on the way of a block.
    struct Ledger {
        // A bit a file each.
        var ours: Bitfield
        var dirty: Bitfield
        // Ours since this run, and the name perhaps not on the disk yet.
        var created: Bitfield
    }

    package let folder: ContentFolder
    package let files: [File]
    package let layout: FileLayout
    let ledger: Mutex<Ledger>
    private let cache: OpenFileCache
    private let number: UInt64

    /// The lengths of `files` must sum up to no more than 63 bits hold; nil otherwise.
    package init?(folder: ContentFolder, files: [File], cache: OpenFileCache) {
        guard let layout = FileLayout(lengths: files.map(\.length)) else { return nil }
        self.folder = folder
        self.files = files
        self.layout = layout
        self.cache = cache
        let none = Bitfield(count: files.count)
        ledger = Mutex(Ledger(ours: none, dirty: none, created: none))
        number = cache.makeStorageNumber()
    }

    deinit { close() }

    /// Lets go of the open files; they are opened again when needed.
    package func close() { cache.removeAll(of: number) }

    // MARK: Payload

    /// Fills `bytes` with the payload from `offset` on.
    package func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(StorageError) {
        var done = 0
        for segment in layout.segments(offset: offset, length: bytes.count) {
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[done..<done + segment.length])
            done += segment.length
            guard files[segment.file].path != nil else {
                part.initializeMemory(as: UInt8.self, repeating: 0)
                continue
            }
            do throws(FileProblem) {
                try openFile(segment.file, writing: false).read(part, at: segment.offset)
            } catch {
                throw StorageError(file: segment.file, error)
            }
        }
    }

    /// The same without waiting for a disk: false if bytes are not in memory, a file is not open or anything is wrong;
    /// then `read`, on a worker, gets them or says why not.
    package func readCached(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int64) -> Bool {
        var done = 0
        for segment in layout.segments(offset: offset, length: bytes.count) {
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[done..<done + segment.length])
            done += segment.length
            if files[segment.file].path == nil {
                part.initializeMemory(as: UInt8.self, repeating: 0)
            } else if cache.file(key(segment.file))?.readCached(part, at: segment.offset) != true {
                return false
            }
        }
        return true
    }

    /// As `readCached`, without a copy; nil also where the bytes span several files.
    package func mapCached(_ count: Int, at offset: Int64) -> MappedPayload? {
        let segments = layout.segments(offset: offset, length: count)
        guard segments.count == 1, let segment = segments.first, files[segment.file].path != nil else { return nil }
        return cache.file(key(segment.file))?.mapCached(count, at: segment.offset)
    }

    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(StorageError) {
        var done = 0
        for segment in layout.segments(offset: offset, length: bytes.count) {
            let part = UnsafeRawBufferPointer(rebasing: bytes[done..<done + segment.length])
            done += segment.length
            guard files[segment.file].path != nil else { continue }
            do throws(FileProblem) {
                try write(part, to: segment)
            } catch {
                if error == .exists, holds(part, segment) { continue }
                throw StorageError(file: segment.file, error)
            }
        }
    }

    private func write(_ part: UnsafeRawBufferPointer, to segment: FileLayout.Segment) throws(FileProblem) {
        let file = try openFile(segment.file, writing: true)
        ledger.withLock { $0.dirty[segment.file] = true }
        try file.write(part, at: segment.offset)
    }

    /// Whether these bytes stand there already.
    private func holds(_ part: UnsafeRawBufferPointer, _ segment: FileLayout.Segment) -> Bool {
        let there = UnsafeMutableRawBufferPointer.allocate(byteCount: part.count, alignment: 16)
        defer { there.deallocate() }
        guard (try? openFile(segment.file, writing: false).read(there, at: segment.offset)) != nil,
            let left = part.baseAddress, let right = there.baseAddress
        else { return false }
        return memcmp(left, right, part.count) == 0
    }

    // MARK: Opening

    func path(_ file: Int) -> RelativePath {
        guard let path = files[file].path else { preconditionFailure("a padding file has no path") }
        return path
    }

    func openFile(_ file: Int, writing: Bool) throws(FileProblem) -> OpenFile {
        if let open = cache.file(key(file)), open.isWritable || !writing { return open }
        let open = OpenFile(try descriptor(file, writing: writing), isWritable: writing)
        cache.insert(open, for: key(file))
        return open
    }

    private func descriptor(_ file: Int, writing: Bool) throws(FileProblem) -> Descriptor {
        guard writing else { return try folder.open(path(file), .read) }
        // Under the lock: of two workers that write to a new file, one makes it.
        return try ledger.withLock { (ledger: inout Ledger) throws(FileProblem) -> Descriptor in
            if !ledger.ours[file] { return try make(file, &ledger) }
            do throws(FileProblem) {
                let descriptor = try folder.open(path(file), .write)
                try extend(descriptor, of: file)
                return descriptor
            } catch {
                // Ours, and gone: somebody deleted it.
                guard error.isNotFound else { throw error }
                return try make(file, &ledger)
            }
        }
    }

    func make(_ file: Int, _ ledger: inout Ledger) throws(FileProblem) -> Descriptor {
        let descriptor = try folder.open(path(file), .create)
        ledger.ours[file] = true
        ledger.created[file] = true
        try extend(descriptor, of: file)
        return descriptor
    }

    // Full length from the start: a part not yet written reads as zeros, and the file system knows what is to come.
    private func extend(_ descriptor: Descriptor, of file: Int) throws(FileProblem) {
        guard try Int64(ContentFolder.status(descriptor).st_size) < files[file].length else { return }
        guard ftruncate(descriptor.number, off_t(files[file].length)) == 0 else { throw .system(.last("ftruncate")) }
    }

    private func key(_ file: Int) -> OpenFileCache.Key { OpenFileCache.Key(storage: number, file: file) }

    func forget(_ file: Int) { cache.remove(key(file)) }
}
