import CPosixShims
import Glibc
import Synchronization

/// An open file of a torrent.
final class OpenFile: Sendable {
    let descriptor: Descriptor
    let isWritable: Bool
    // In memory alone: reading never waits, and the kernel always refuses the question whether it would.
    private let isMemoryBacked: Bool
    // The file system does not know the question.
    private let cannotAsk = Atomic(false)
    // The system says which parts of a file are in memory to those alone who might write to it.
    private let showsResidency: Bool

    init(_ descriptor: Descriptor, isWritable: Bool) {
        self.descriptor = descriptor
        self.isWritable = isWritable
        isMemoryBacked = p2p_is_memory_backed(descriptor.number) != 0
        var status = stat()
        let isOwn = fstat(descriptor.number, &status) == 0 && status.st_uid == geteuid()
        showsResidency = isWritable || isOwn || geteuid() == 0
    }

    /// The bytes as they lie in memory; nil if reading them might wait.
    func mapCached(_ count: Int, at offset: Int64) -> MappedPayload? {
        showsResidency ? MappedPayload(descriptor, offset: offset, count: count) : nil
    }

    /// Fills `bytes` if that takes no waiting; else false, and `bytes` holds anything.
    func readCached(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int64) -> Bool {
        if isMemoryBacked {
            return pread(descriptor.number, bytes.baseAddress, bytes.count, off_t(offset)) == bytes.count
        }
        if cannotAsk.load(ordering: .relaxed) { return false }
        let count = p2p_pread_cached(descriptor.number, bytes.baseAddress, bytes.count, offset)
        if count == -1, errno == EOPNOTSUPP || errno == ENOSYS { cannotAsk.store(true, ordering: .relaxed) }
        return count == bytes.count
    }

    /// Fills `bytes`, however long the disk takes.
    func read(_ bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileProblem) {
        var done = 0
        while done < bytes.count {
            let count: Int
            do {
                count = try retrying("pread") {
                    pread(
                        descriptor.number, bytes.baseAddress.map { $0 + done }, bytes.count - done,
                        off_t(offset) + off_t(done))
                }
            } catch {
                throw .system(error)
            }
            guard count > 0 else { throw .shrank }
            done += count
        }
    }

    /// Whether these bytes stand there already.
    func holds(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileProblem) -> Bool {
        try withBytes(bytes.count, at: offset) { there, count in
            guard count == bytes.count, let left = there.baseAddress, let right = bytes.baseAddress else {
                return false
            }
            return memcmp(left, right, count) == 0
        }
    }

    /// Whether writing `bytes` changes none that is there and is not zero.
    func hasRoom(for bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileProblem) -> Bool {
        try withBytes(bytes.count, at: offset) { there, count in
            (0..<count).allSatisfy { there[$0] == 0 || there[$0] == bytes[$0] }
        }
    }

    /// Hands over what is there of `count` bytes.
    private func withBytes<Result>(
        _ count: Int, at offset: Int64, _ body: (UnsafeRawBufferPointer, Int) -> Result
    ) throws(FileProblem) -> Result {
        let there = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        defer { there.deallocate() }
        var done = 0
        while done < count {
            let got = pread(
                descriptor.number, there.baseAddress.map { $0 + done }, count - done, off_t(offset) + off_t(done))
            if got == 0 { break }
            if got > 0 { done += got } else if errno != EINTR { throw .system(.last("pread")) }
        }
        return body(UnsafeRawBufferPointer(there), done)
    }

    /// Drops the cached pages, so that later reads see what is on the disk.
    func forgetMemory() { posix_fadvise(descriptor.number, 0, 0, POSIX_FADV_DONTNEED) }

    /// Writes all of `bytes`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileProblem) {
        var done = 0
        while done < bytes.count {
            do {
                done += try retrying("pwrite") {
                    pwrite(
                        descriptor.number, bytes.baseAddress.map { $0 + done }, bytes.count - done,
                        off_t(offset) + off_t(done))
                }
            } catch {
                throw .system(error)
            }
        }
    }
}

/// The files that are open now, of all torrents together: the one not used for longest makes room.
///
/// A file that is being read or written stays open until that is done, so for moments there may be a few more.
package final class OpenFileCache: Sendable {
    struct Key: Hashable {
        var storage: UInt64
        var file: Int
    }

    private struct Entry {
        var file: OpenFile
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var uses: UInt64 = 0
        var lastStorage: UInt64 = 0
    }

    /// Files that are open at once.
    package let limit: Int
    private let state = Mutex(State())

    package init(limit: Int = 200) {
        precondition(limit > 0)
        self.limit = limit
    }

    /// How many are open now; for tests.
    package var count: Int { state.withLock { $0.entries.count } }

    func makeStorageNumber() -> UInt64 {
        state.withLock { state in
            state.lastStorage += 1
            return state.lastStorage
        }
    }

    func file(_ key: Key) -> OpenFile? {
        state.withLock { state in
            state.uses += 1
            state.entries[key]?.lastUse = state.uses
            return state.entries[key]?.file
        }
    }

    func insert(_ file: OpenFile, for key: Key) {
        // Closed outside the lock, when the last reference goes.
        let evicted = state.withLock { state -> OpenFile? in
            state.uses += 1
            let replaced = state.entries.updateValue(Entry(file: file, lastUse: state.uses), forKey: key)?.file
            guard state.entries.count > limit,
                let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
            else { return replaced }
            return state.entries.removeValue(forKey: oldest)?.file
        }
        _ = evicted
    }

    func remove(_ key: Key) {
        _ = state.withLock { $0.entries.removeValue(forKey: key) }
    }

    func removeAll(of storage: UInt64) {
        let removed = state.withLock { state in
            let removed = state.entries.filter { $0.key.storage == storage }
            for key in removed.keys { state.entries.removeValue(forKey: key) }
            return removed
        }
        _ = removed
    }
}
