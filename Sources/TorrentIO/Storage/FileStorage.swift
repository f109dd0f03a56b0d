import CPosixShims
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
/// It holds what stood at each path when it was last looked at (`take`) or written to, and what may be done to it. A
/// file that is no longer the one that is held is neither read from nor written to: that is an error, whose
/// `isChange` is true, and whoever hears of it looks anew. Where nothing was, the first write makes a file, at full
/// length and sparse. Padding files (BEP 47) exist nowhere: they read as zeros, and what is written to them is dropped.
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

    // Changes when files are opened, made, written to or flushed, never when they are read.
    struct Ledger {
        /// One a file. Under the file's stripe, so that a look at a path never meets a write that is half noted.
        var holdings: [FileHolding]
        // A bit a file each.
        var dirty: Bitfield
        // Made or replaced by this run; the name may not be on the disk yet.
        var created: Bitfield
        // What the disk could not keep: after that no flush can be believed, since the system forgets what it lost.
        var lost: StorageError?
    }

    /// Held while a file is opened anew, written to or compared with its path.
    final class Stripe: Sendable {
        let lock = Mutex(())
    }

    /// Enough that workers rarely wait for each other.
    private static let stripes = 16

    package let folder: ContentFolder
    package let files: [File]
    package let layout: FileLayout
    let ledger: Mutex<Ledger>
    let sync: @Sendable (Int32) -> Int32
    let syncAll: @Sendable (Int32) -> Int32
    private let stripes: [Stripe]
    private let cache: OpenFileCache
    private let number: UInt64

    /// The lengths of `files` must sum up to no more than 63 bits hold; nil otherwise. Nothing is held to stand
    /// anywhere until `take`. `sync` puts a file on the disk (fdatasync), `syncAll` all files of its file system.
    package init?(
        folder: ContentFolder, files: [File], cache: OpenFileCache,
        sync: @escaping @Sendable (Int32) -> Int32 = { fdatasync($0) },
        syncAll: @escaping @Sendable (Int32) -> Int32 = { p2p_sync_file_system($0) }
    ) {
        guard let layout = FileLayout(lengths: files.map(\.length)) else { return nil }
        self.folder = folder
        self.files = files
        self.layout = layout
        self.cache = cache
        self.sync = sync
        self.syncAll = syncAll
        let none = Bitfield(count: files.count)
        ledger = Mutex(
            Ledger(holdings: Array(repeating: FileHolding(), count: files.count), dirty: none, created: none))
        stripes = (0..<min(Self.stripes, max(1, files.count))).map { _ in Stripe() }
        number = cache.makeStorageNumber()
    }

    deinit { close() }

    /// Lets go of the open files; they are opened again when needed.
    package func close() { cache.removeAll(of: number) }

    // MARK: What is held

    /// Sets what is held of each file, one entry a file: what is at its path, and what may be done to it.
    package func take(_ holdings: [FileHolding]) {
        precondition(holdings.count == files.count)
        close()
        ledger.withLock { ledger in
            ledger.holdings = holdings
            // A file that is gone has nothing left to flush.
            for file in files.indices where holdings[file].standing == nil {
                ledger.dirty[file] = false
                ledger.created[file] = false
            }
        }
    }

    /// One a file.
    package var holdings: [FileHolding] { ledger.withLock { $0.holdings } }

    func holding(_ file: Int) -> FileHolding { ledger.withLock { $0.holdings[file] } }

    func stripe(_ file: Int) -> Stripe { stripes[file % stripes.count] }

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
                let open = try openForReading(segment.file)
                try stripe(segment.file).lock.withLock { (_) throws(FileProblem) in try check(open, segment.file) }
                try open.read(part, at: segment.offset)
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
            } else if openAsHeld(segment.file)?.readCached(part, at: segment.offset) != true {
                return false
            }
        }
        return true
    }

    /// As `readCached`, without a copy; nil also where the bytes span several files.
    package func mapCached(_ count: Int, at offset: Int64) -> MappedPayload? {
        let segments = layout.segments(offset: offset, length: count)
        guard segments.count == 1, let segment = segments.first, files[segment.file].path != nil else { return nil }
        return openAsHeld(segment.file)?.mapCached(count, at: segment.offset)
    }

    /// Writes payload from `offset` on, into as many files as it spans. What goes to padding is dropped. Throws for the
    /// first file that is not what is held, and writes nothing to that one.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(StorageError) {
        let cursor = FolderCursor(folder)
        var done = 0
        for segment in layout.segments(offset: offset, length: bytes.count) {
            let part = UnsafeRawBufferPointer(rebasing: bytes[done..<done + segment.length])
            done += segment.length
            guard files[segment.file].path != nil else { continue }
            do throws(FileProblem) {
                try stripe(segment.file).lock.withLock { (_) throws(FileProblem) in
                    try write(part, to: segment, cursor)
                }
            } catch {
                throw StorageError(file: segment.file, error)
            }
        }
    }

    private func write(
        _ part: UnsafeRawBufferPointer, to segment: FileLayout.Segment, _ cursor: FolderCursor
    ) throws(FileProblem) {
        let file = segment.file
        let held = holding(file)
        if held.leave == .compare, held.standing != nil {
            guard try open(file, writing: false, cursor).holds(part, at: segment.offset) else { throw .differs }
            return
        }
        let isWhole = part.count == files[file].length
        let open = try open(file, writing: true, cursor, isFilledAtOnce: isWhole)
        try check(open, file)
        if held.leave == .fill, try !open.hasRoom(for: part, at: segment.offset) { throw .differs }
        ledger.withLock { $0.dirty[file] = true }
        do throws(FileProblem) {
            try open.write(part, at: segment.offset)
        } catch {
            try note(open, file)
            throw error
        }
        try note(open, file)
    }

    private func check(_ open: OpenFile, _ file: Int) throws(FileProblem) {
        let now = try StandingFile(of: open.descriptor)
        if let change = StandingFile.change(from: holding(file).standing, to: now) { throw change }
    }

    /// Without waiting for a write that is just being noted: nil then, too, and `read` finds out.
    private func openAsHeld(_ file: Int) -> OpenFile? {
        guard let open = cache.file(key(file)) else { return nil }
        do throws(FileProblem) { try check(open, file) } catch { return nil }
        return open
    }

    /// Records the file's marks after our own write, so that it does not count as a change.
    private func note(_ open: OpenFile, _ file: Int) throws(FileProblem) {
        let standing = try StandingFile(of: open.descriptor)
        ledger.withLock { ledger in
            ledger.holdings[file].standing = standing
            if ledger.holdings[file].leave == .overwrite { ledger.holdings[file].leave = .write }
        }
    }

    // MARK: Opening

    func path(_ file: Int) -> RelativePath {
        guard let path = files[file].path else { preconditionFailure("a padding file has no path") }
        return path
    }

    /// The file that is held, open; one that is open already is not looked at again.
    func openForReading(_ file: Int) throws(FileProblem) -> OpenFile {
        if let open = cache.file(key(file)) { return open }
        return try stripe(file).lock.withLock { (_) throws(FileProblem) in try open(file, writing: false) }
    }

    // From here on under the file's stripe.

    /// With `isFilledAtOnce` the next write gives it its full length.
    func open(
        _ file: Int, writing: Bool, _ cursor: FolderCursor? = nil, isFilledAtOnce: Bool = false
    ) throws(FileProblem) -> OpenFile {
        let cursor = cursor ?? FolderCursor(folder)
        if let open = cache.file(key(file)), open.isWritable || !writing { return open }
        guard let held = holding(file).standing else {
            if writing { return try make(file, cursor, isFilledAtOnce: isFilledAtOnce) }
            _ = try cursor.open(path(file))
            throw .exists
        }
        let descriptor: Descriptor
        do throws(FileProblem) {
            descriptor = try cursor.open(path(file), writing ? .write : .read)
        } catch {
            throw error.isNotFound ? .gone : error
        }
        if let change = StandingFile.change(from: held, to: try StandingFile(of: descriptor)) { throw change }
        let open = OpenFile(descriptor, isWritable: writing)
        if writing, !isFilledAtOnce { try extend(open, file) }
        cache.insert(open, for: key(file))
        return open
    }

    @discardableResult
    func make(_ file: Int, _ cursor: FolderCursor, isFilledAtOnce: Bool = false) throws(FileProblem) -> OpenFile {
        let open = OpenFile(try cursor.open(path(file), .create), isWritable: true)
        let standing = try StandingFile(of: open.descriptor)
        ledger.withLock { ledger in
            ledger.holdings[file] = FileHolding(standing: standing, leave: .write)
            ledger.created[file] = true
        }
        if !isFilledAtOnce { try extend(open, file) }
        cache.insert(open, for: key(file))
        return open
    }

    // Full length from the start: a part not yet written reads as zeros, and the file system knows what is to come.
    private func extend(_ open: OpenFile, _ file: Int) throws(FileProblem) {
        guard let standing = holding(file).standing, standing.size < files[file].length else { return }
        try setLength(of: open, file)
    }

    func setLength(of open: OpenFile, _ file: Int) throws(FileProblem) {
        guard ftruncate(open.descriptor.number, off_t(files[file].length)) == 0 else {
            throw .system(.last("ftruncate"))
        }
        try note(open, file)
    }

    private func key(_ file: Int) -> OpenFileCache.Key { OpenFileCache.Key(storage: number, file: file) }

    func forget(_ file: Int) { cache.remove(key(file)) }
}
