package import ByteStrings
package import TorrentCore
import TorrentIO

/// The folder in which the records of all torrents live: `$P2P_STATE_DIR`, else `$XDG_STATE_HOME/p2p`, else
/// `~/.local/state/p2p`. A record is named by its torrent and by the folder of the content.
package struct ResumeStore: Sendable {
    /// Nil if there is nowhere to keep records; then every start checks the content.
    package let folder: ByteString?
    private let locks: LockFile?

    /// Longest record that is read, bytes.
    private static let recordLimit = 64 << 20

    package init(folder: ByteString?) {
        self.folder = folder
        locks = folder.flatMap { folder in
            guard (try? ContentFolder(folder, creating: true)) != nil else { return nil }
            return try? LockFile(folder.appending("lock"))
        }
    }

    /// The folder of the current user.
    package static func ofUser() -> ResumeStore {
        if let folder = ProcessEnvironment.value(of: "P2P_STATE_DIR") { return ResumeStore(folder: folder) }
        if let state = ProcessEnvironment.value(of: "XDG_STATE_HOME"), !state.isEmpty {
            return ResumeStore(folder: state.appending("p2p"))
        }
        guard let home = ProcessEnvironment.value(of: "HOME"), !home.isEmpty else { return ResumeStore(folder: nil) }
        return ResumeStore(folder: home.appending(".local/state/p2p"))
    }

    /// Nil if there is none, or none that can be used.
    func load(_ content: TorrentContent) -> ResumeRecord? {
        guard let path = path(of: content), let bytes = try? AtomicFile.readRegular(path, limit: Self.recordLimit)
        else {
            return nil
        }
        return ResumeRecord(
            bytes, infoHash: content.metainfo.infoHash, pieces: content.geometry.pieceCount,
            files: content.storage.files.count)
    }

    /// Atomically replaces an older record; what is no regular file is left alone.
    func save(_ record: ResumeRecord, of content: TorrentContent) throws(SystemError) {
        try save(record, in: content.storage.folder, content.metainfo.movedPath)
    }

    /// The same of content in `place`.
    func save(
        _ record: ResumeRecord, in place: ContentFolder, _ moved: TorrentPath? = nil
    ) throws(SystemError) {
        guard let path = path(of: record.infoHash, in: place, moved) else { return }
        try put(record.encoded, at: path)
    }

    /// Atomically; what is no regular file is left alone.
    func put(_ bytes: [UInt8], at path: ByteString) throws(SystemError) {
        guard let folder else { return }
        _ = try ContentFolder(folder, creating: true)
        try AtomicFile.expectRegular(path)
        try AtomicFile.write(bytes, to: path, mode: 0o600)
    }

    // MARK: Metadata

    /// The info dictionary of this torrent, if it was kept; whatever has another hash is as if it were not there.
    package func metadata(of infoHash: InfoHash) -> [UInt8]? {
        guard let path = metadataPath(of: infoHash),
            let bytes = try? AtomicFile.readRegular(path, limit: BencodeLimits.longestMetainfo),
            InfoHash(bytes.withBytes { SHA1.digest(of: $0) }.bytes) == infoHash
        else { return nil }
        return bytes
    }

    /// Keeps the info dictionary of a torrent that began as a magnet link (BEP 9): it need not be fetched again. It
    /// takes the place of an older one, of nothing else; it stays until it is replaced.
    func saveMetadata(_ bytes: [UInt8], of infoHash: InfoHash) throws(SystemError) {
        guard let path = metadataPath(of: infoHash) else { return }
        try put(bytes, at: path)
    }

    private func metadataPath(of infoHash: InfoHash) -> ByteString? {
        folder?.appending("\(infoHash.hex).metadata")
    }

    // MARK: Locks

    /// Locks the torrent's content in its folder, or at `moved` there, for writing or only for reading; nil if another
    /// process uses it in a way that conflicts. Where locks are not available, everybody gets one.
    func lock(
        _ infoHash: InfoHash, in folder: ContentFolder, at moved: TorrentPath? = nil, writing: Bool
    ) -> RecordLock? {
        let position = key(of: infoHash, in: folder, moved).bytes.array.withBytes { $0.uint64(at: 0) }
        let lock = RecordLock(file: locks, position: position)
        return lock.become(writing: writing) ? lock : nil
    }

    /// What the DHT keeps between runs is one process's at a time.
    func lockDHT() -> (lock: RecordLock, answer: LockFile.Answer) {
        let position = Array("dht".utf8).withBytes { SHA1.digest(of: $0) }.bytes.array.withBytes { $0.uint64(at: 0) }
        let lock = RecordLock(file: locks, position: position)
        return (lock, lock.ask(writing: true))
    }

    // MARK: Names

    private func path(of content: TorrentContent) -> ByteString? {
        path(of: content.metainfo.infoHash, in: content.storage.folder, content.metainfo.movedPath)
    }

    private func path(of infoHash: InfoHash, in place: ContentFolder, _ moved: TorrentPath?) -> ByteString? {
        folder?.appending("\(infoHash.hex)-\(String(hash(of: place, moved).hex.prefix(16))).resume")
    }

    /// The same for all names of a folder, and not for two places in it.
    private func hash(of folder: ContentFolder, _ moved: TorrentPath?) -> SHA1Digest {
        let place = moved.map { folder.realPath.appending(ByteString($0.bytes)) } ?? folder.realPath
        return place.bytes.withBytes { SHA1.digest(of: $0) }
    }

    private func key(of infoHash: InfoHash, in folder: ContentFolder, _ moved: TorrentPath?) -> SHA1Digest {
        (infoHash.bytes.array + hash(of: folder, moved).bytes.array).withBytes { SHA1.digest(of: $0) }
    }
}

/// What keeps other processes from a torrent's content. A node has at most one for a content and folder.
struct RecordLock: Sendable {
    /// Nil where there are no locks.
    fileprivate let file: LockFile?
    fileprivate let position: UInt64

    /// For writing, or only for reading, from now on; false if another process is in the way.
    @discardableResult
    func become(writing: Bool) -> Bool { ask(writing: writing) != .taken }

    fileprivate func ask(writing: Bool) -> LockFile.Answer { file?.lock(position, exclusive: writing) ?? .unknown }

    func release() { file?.unlock(position) }
}
