import Glibc
import Synchronization
import TorrentCore

// Whole files: whether they are still those that are held, and getting them onto the disk.
extension FileStorage {
    /// Looks at the paths of `files` as a stranger would. The first that leads to another file than the one that is
    /// held, or to none, and how it differs; nil if all are as they were.
    package func change(in files: some Sequence<Int>) -> StorageError? {
        let cursor = FolderCursor(folder)
        var isFirst = true
        for file in files {
            guard let path = self.files[file].path else { continue }
            if isFirst, !folder.isAtItsPath { return StorageError(file: file, .gone) }
            isFirst = false
            let problem = stripe(file).lock.withLock { _ -> FileProblem? in
                do throws(FileProblem) {
                    return StandingFile.change(from: holding(file).standing, to: try cursor.standing(path))
                } catch {
                    return error
                }
            }
            if let problem { return StorageError(file: file, problem) }
        }
        return nil
    }

    /// Makes the files without content, which no write would make. Those that are there are left alone.
    package func createEmptyFiles() throws(StorageError) {
        let cursor = FolderCursor(folder)
        for file in files.indices where files[file].length == 0 && files[file].path != nil {
            try withStripe(file) { () throws(FileProblem) in
                if holding(file).standing == nil { try make(file, cursor) }
            }
        }
    }

    /// Cuts a file that is longer than the torrent says, and may be written to.
    package func cutToLength(_ file: Int) throws(StorageError) {
        try withStripe(file) { () throws(FileProblem) in
            let held = holding(file)
            guard held.leave == .write || held.leave == .overwrite, let standing = held.standing,
                standing.size > files[file].length
            else { return }
            try setLength(of: open(file, writing: true), file)
            ledger.withLock { $0.dirty[file] = true }
        }
    }

    func withStripe(_ file: Int, _ body: () throws(FileProblem) -> Void) throws(StorageError) {
        do throws(FileProblem) {
            try stripe(file).lock.withLock { (_) throws(FileProblem) in try body() }
        } catch {
            throw StorageError(file: file, error)
        }
    }

    /// Whether the file system has so many bytes free for us, and some to spare for others. True if it cannot be asked.
    package func hasRoom(for bytes: Int64) -> Bool {
        guard let free = folder.freeBytes else { return true }
        return free > bytes + (1 << 20)
    }

    // MARK: Onto the disk

    /// Waits until everything that was written is on the disk. A file that is no longer the one that is held is tried
    /// again by the next call; that is said only if nothing is worse, so after it all other files are on the disk. What
    /// the disk could not keep (`.notKept`) is said by every further call: the system forgets such bytes and reports
    /// success the next time.
    package func flush() throws(StorageError) {
        let (dirty, created, lost) = ledger.withLock { ledger in
            defer {
                ledger.dirty = Bitfield(count: files.count)
                ledger.created = Bitfield(count: files.count)
            }
            return (ledger.dirty, ledger.created, ledger.lost)
        }
        if let lost { throw lost }
        var waiting = files.indices.filter { dirty[$0] || created[$0] }
        if waiting.count >= Self.worthKeepingTogether { waiting = try keepTogether(waiting) }
        var failure: StorageError?
        var syncedFolders: Set<ArraySlice<UInt8>> = []
        for file in waiting {
            do throws(FileProblem) {
                try keep(file)
                if created[file], syncedFolders.insert(path(file).folderBytes).inserted {
                    try folder.syncFolder(of: path(file))
                }
            } catch {
                let problem = StorageError(file: file, error)
                ledger.withLock { ledger in
                    if dirty[file] { ledger.dirty[file] = true }
                    if created[file] { ledger.created[file] = true }
                    if case .notKept = error { ledger.lost = problem }
                }
                if failure?.problem.isChange ?? true { failure = problem }
            }
        }
        if let failure { throw failure }
    }

    /// From so many changed files on, the whole file system is flushed at once: flushing them one by one costs a disk
    /// access each.
    private static let worthKeepingTogether = 32

    /// Returns those that have to be flushed one by one: on another file system than the folder, or all of them where
    /// the system does not say reliably what was lost. After an error it is not known whose bytes those were.
    private func keepTogether(_ waiting: [Int]) throws(StorageError) -> [Int] {
        guard let device = folder.device else { return waiting }
        let (here, elsewhere) = ledger.withLock { ledger in
            waiting.reduce(into: (here: [Int](), elsewhere: [Int]())) { parts, file in
                if ledger.holdings[file].standing?.device == device {
                    parts.here.append(file)
                } else {
                    parts.elsewhere.append(file)
                }
            }
        }
        guard let first = here.first else { return waiting }
        if folder.sync(with: syncAll) { return elsewhere }
        let error = SystemError.last("syncfs")
        if error.code == ENOSYS { return waiting }
        let problem = StorageError(file: first, .notKept(error))
        ledger.withLock { $0.lost = problem }
        for file in here { if let open = try? openForReading(file) { open.forgetMemory() } }
        throw problem
    }

    private func keep(_ file: Int) throws(FileProblem) {
        let open = try openForReading(file)
        while sync(open.descriptor.number) != 0 {
            let error = SystemError.last("fdatasync")
            if error.isInterrupted { continue }
            open.forgetMemory()
            throw .notKept(error)
        }
    }
}
