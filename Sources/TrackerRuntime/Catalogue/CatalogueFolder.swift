import ByteStrings
import TorrentCore
import TorrentIO
import TrackerEngine

/// Where a catalogue lies between runs: a file a torrent, `NUMBER-INFOHASH.torrent`, and `next`, which says the number
/// that comes next. The latter is written first, so that a crash at any step uses no number twice. Whatever else
/// stands there is somebody's, and stays.
struct CatalogueFolder: Sendable {
    let path: ByteString

    /// Bytes of `next`.
    private static let nextLength = 100
    private static let mark = "p2p-tracker catalogue 1\n"
    /// Most files in the folder.
    private static let fileLimit = 100_000

    init(beside state: ByteString) { path = state + ".torrents" }

    private func place(_ name: String) -> ByteString { path + "/" + ByteString(name) }

    private var nextFile: ByteString { place("next") }

    private static func name(_ number: Int, _ infoHash: InfoHash) -> String { "\(number)-\(infoHash).torrent" }

    // MARK: Reading

    /// Reads what an earlier run has left; what a person should know of it.
    func load(into catalogue: inout Catalogue) throws(StateFile.Failure) -> [TrackerWarning] {
        let place = try StateFile.trying { () throws(SystemError) in try WriteTarget(path) }
        switch place.standing {
        case .nothing: return []
        case .folder: break
        case .file, .stream, .disk: throw StateFile.Failure("it is no folder")
        }
        let next = try readNext()
        try StateFile.trying { () throws(SystemError) in try WriteTarget(nextFile).checkWritable() }
        var (foreign, damaged): ([ByteString], [ByteString]) = ([], [])
        var kept: [(number: Int, infoHash: InfoHash, name: ByteString, added: Int64)] = []
        for file in try files() {
            let name = ByteString(file.path.bytes)
            if name == "next" { continue }
            guard let (number, infoHash) = Self.parse(name) else {
                foreign.append(name)
                continue
            }
            kept.append((number, infoHash, name, file.signature.modified / 1_000_000_000))
        }
        kept.sort { ($0.number, $0.name) < ($1.number, $1.name) }
        // A crash may have come before the oldest were removed that had made room.
        let excess = max(0, kept.count - catalogue.limits.torrents)
        damaged += kept.prefix(excess).map(\.name)
        for file in kept.dropFirst(excess) {
            guard let torrent = read(file.name, file.infoHash, limit: catalogue.limits.torrentBytes),
                catalogue.restore(torrent, number: file.number, added: file.added)
            else {
                damaged.append(file.name)
                continue
            }
        }
        // Also of those that could not be read.
        catalogue.skipNumbers(below: max(next, (kept.map(\.number).max() ?? 0) + 1))
        var warnings: [TrackerWarning] = []
        if let first = damaged.first {
            warnings.append(.catalogueNotRead(path: path, count: damaged.count, first: first))
        }
        if let first = foreign.min() {
            warnings.append(.catalogueForeign(path: path, count: foreign.count, first: first))
        }
        return warnings
    }

    private func files() throws(StateFile.Failure) -> [FolderWalk.File] {
        let walk: FolderWalk
        do throws(FolderWalk.Failure) {
            walk = try FolderWalk(path, limit: Self.fileLimit) { components, isFolder in
                components.count == 1 && !isFolder
            }
        } catch {
            throw StateFile.Failure(error.error)
        }
        guard !walk.isCutShort, walk.unusable == nil else {
            throw StateFile.Failure("it has more than \(Self.fileLimit) files; name another state")
        }
        return walk.files
    }

    /// The number that comes next; 1 if the file is not there.
    private func readNext() throws(StateFile.Failure) -> Int {
        let target = try StateFile.trying { () throws(SystemError) in try WriteTarget(nextFile) }
        if target.standing == .nothing { return 1 }
        guard target.standing == .file else { throw StateFile.Failure("its file next is no regular file") }
        let bytes = try StateFile.trying { () throws(SystemError) in
            try AtomicFile.readBeginning(target.path, count: Self.nextLength)
        }
        let mark = Array(Self.mark.utf8)
        guard bytes.starts(with: mark), bytes.last == UInt8(ascii: "\n"),
            let number = Int(String(decoding: bytes.dropFirst(mark.count).dropLast(), as: UTF8.self)), number > 0
        else { throw StateFile.Failure("its file next is not of a catalogue; name another state") }
        return number
    }

    private static func parse(_ name: ByteString) -> (Int, InfoHash)? {
        guard let text = name.text, text.hasSuffix(".torrent") else { return nil }
        let parts = text.dropLast(8).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[0]), number > 0, let infoHash = InfoHash(hex: parts[1]),
            Self.name(number, infoHash) == text
        else { return nil }
        return (number, infoHash)
    }

    private func read(_ name: ByteString, _ infoHash: InfoHash, limit: Int) -> CatalogueTorrent? {
        guard let bytes = try? AtomicFile.readRegular(path + "/" + name, limit: limit),
            let torrent = try? CatalogueTorrent(parsing: bytes), torrent.infoHash == infoHash
        else { return nil }
        return torrent
    }

    // MARK: Writing

    /// Keeps a torrent that has just been listed.
    func keep(_ entry: Catalogue.Entry) throws(StateFile.Failure) {
        try StateFile.trying { () throws(SystemError) in
            if try WriteTarget(path).standing == .nothing { try AtomicFile.makeFolder(path, mode: 0o700) }
        }
        // The file there may be another by now.
        let next = max(try readNext(), entry.number + 1)
        try StateFile.trying { () throws(SystemError) in
            try WriteTarget(nextFile).put(Array("\(Self.mark)\(next)\n".utf8), mode: 0o600, replaces: true)
            try WriteTarget(place(Self.name(entry.number, entry.torrent.infoHash))).put(
                entry.torrent.file.bytes, mode: 0o600, replaces: false)
        }
    }

    /// Removes a torrent that is no longer listed, if what stands there is what was kept.
    func drop(_ entry: Catalogue.Entry) throws(StateFile.Failure) {
        let file = place(Self.name(entry.number, entry.torrent.infoHash))
        guard let bytes = try? AtomicFile.readRegular(file, limit: entry.torrent.file.bytes.count),
            bytes == entry.torrent.file.bytes
        else { return }
        try StateFile.trying { () throws(SystemError) in try AtomicFile.remove(file) }
    }
}
