import Glibc
import Synchronization
import TorrentCore

// Whole files: what is there, whose it is, and getting it onto the disk.
extension FileStorage {
    /// What stands where `file` belongs; nil if nothing does, or for a padding file. Throws if it is no regular file.
    package func signature(of file: Int) throws(StorageError) -> FileSignature? {
        guard let path = files[file].path else { return nil }
        do throws(FileProblem) {
            return try folder.signature(path)
        } catch {
            throw StorageError(file: file, error)
        }
    }

    /// From now on the file that stands there may be written to: it is from an earlier run, or the user said so.
    package func adopt(_ file: Int) {
        ledger.withLock { $0.ours[file] = true }
    }

    /// Whether `file` was made here or adopted.
    package func isOurs(_ file: Int) -> Bool {
        ledger.withLock { $0.ours[file] }
    }

    /// Makes `file`, at full length and sparse; throws `.exists` if there is something already.
    package func createExclusive(_ file: Int) throws(StorageError) {
        guard files[file].path != nil else { return }
        do throws(FileProblem) {
            _ = try ledger.withLock { ledger throws(FileProblem) in try make(file, &ledger) }
        } catch {
            throw StorageError(file: file, error)
        }
    }

    /// Makes the files without content, which no write would make. Those that are there are left alone.
    package func createEmptyFiles() throws(StorageError) {
        for file in files.indices where files[file].length == 0 && files[file].path != nil {
            guard try signature(of: file) == nil else { continue }
            try createExclusive(file)
        }
    }

    /// Cuts a file of ours that is longer than the torrent says.
    package func cutToLength(_ file: Int) throws(StorageError) {
        guard let signature = try signature(of: file), signature.size > files[file].length else { return }
        do throws(FileProblem) {
            let open = try openFile(file, writing: true)
            guard ftruncate(open.descriptor.number, off_t(files[file].length)) == 0 else {
                throw FileProblem.system(.last("ftruncate"))
            }
        } catch {
            throw StorageError(file: file, error)
        }
    }

    /// Whether the file system has so many bytes free for us, and some to spare for others. True if it cannot be asked.
    package func hasRoom(for bytes: Int64) -> Bool {
        guard let free = folder.freeBytes else { return true }
        return free > bytes + (1 << 20)
    }

    /// Waits until everything that was written is on the disk. What fails is tried again by the next call.
    package func flush() throws(StorageError) {
        let (dirty, created) = ledger.withLock { ledger in
            defer {
                ledger.dirty = Bitfield(count: files.count)
                ledger.created = Bitfield(count: files.count)
            }
            return (ledger.dirty, ledger.created)
        }
        var failure: StorageError?
        var syncedFolders: Set<ArraySlice<UInt8>> = []
        for file in files.indices where dirty[file] || created[file] {
            do throws(FileProblem) {
                let open = try openFile(file, writing: false)
                if fdatasync(open.descriptor.number) != 0 { throw FileProblem.system(.last("fdatasync")) }
                if created[file], syncedFolders.insert(path(file).folderBytes).inserted {
                    try folder.syncFolder(of: path(file))
                }
            } catch {
                ledger.withLock { ledger in
                    if dirty[file] { ledger.dirty[file] = true }
                    if created[file] { ledger.created[file] = true }
                }
                failure = failure ?? StorageError(file: file, error)
            }
        }
        if let failure { throw failure }
    }
}
