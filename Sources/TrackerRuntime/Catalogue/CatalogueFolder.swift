import ByteStrings
import TorrentCore
import TorrentIO
import TrackerEngine

/// Where a catalogue lies between runs: a file a torrent (`CatalogueFileName`), and `next`, which says the number that
/// comes next. The latter is written first, so that a crash at any step uses no number twice. Whatever else stands
/// there is somebody's, and stays.
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
        var kept: [(name: CatalogueFileName, signature: FileSignature)] = []
        for file in try files() {
            let name = ByteString(file.path.bytes)
            if name == "next" { continue }
            guard let known = CatalogueFileName(name) else {
                foreign.append(name)
                continue
            }
            kept.append((known, file.signature))
        }
        kept.sort { ($0.name.number, $0.name.text) > ($1.name.number, $1.name.text) }
        var remains = Catalogue.Remains(catalogue.limits)
        for (name, signature) in kept {
            let added = signature.modified / 1_000_000_000
            guard remains.mayTake(Int(clamping: signature.size)), let torrent = read(name, catalogue.limits),
                remains.take(.init(number: name.number, torrent: torrent, added: added, publisher: name.publisher))
            else {
                damaged.append(ByteString(name.text))
                continue
            }
        }
        catalogue.restore(remains)
        // Also of those that could not be read.
        catalogue.skipNumbers(below: max(next, (kept.first?.name.number ?? 0) + 1))
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
        guard walk.unusable == nil else { throw StateFile.Failure("the name of a file in it is too long") }
        guard !walk.isCutShort else {
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
            let number = Int(String(decoding: bytes.dropFirst(mark.count).dropLast(), as: UTF8.self)),
            1...Catalogue.mostNumber ~= number
        else { throw StateFile.Failure("its file next is not of a catalogue; name another state") }
        return number
    }

    private func read(_ name: CatalogueFileName, _ limits: CatalogueLimits) -> CatalogueTorrent? {
        guard let bytes = try? AtomicFile.readRegular(place(name.text), limit: limits.torrentBytes),
            let torrent = try? CatalogueTorrent(parsing: bytes), torrent.infoHash == name.infoHash
        else { return nil }
        return torrent
    }

    // MARK: Writing

    /// Keeps a torrent that is to be listed.
    func keep(_ entry: Catalogue.Entry) throws(StateFile.Failure) {
        try StateFile.trying { () throws(SystemError) in
            if try WriteTarget(path).standing == .nothing { try AtomicFile.makeFolder(path, mode: 0o700) }
        }
        // The file there may be another by now.
        let next = max(try readNext(), entry.number + 1)
        try StateFile.trying { () throws(SystemError) in
            try WriteTarget(nextFile).put(Array("\(Self.mark)\(next)\n".utf8), mode: 0o600, replaces: true)
            try WriteTarget(place(CatalogueFileName(entry).text)).put(
                entry.torrent.file.bytes, mode: 0o600, replaces: false)
        }
    }

    /// Removes a torrent that is no longer listed; an error if what stands there is not what was kept, and stays.
    func drop(_ entry: Catalogue.Entry) throws(StateFile.Failure) {
        let (name, kept) = (CatalogueFileName(entry).text, entry.torrent.file.bytes)
        let other = StateFile.Failure("\(name) is something else by now, and stays")
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try AtomicFile.readRegular(place(name), limit: kept.count)
        } catch {
            if error.isNotFound { return }
            throw error.isTooLarge || error.isInvalid ? other : StateFile.Failure(error)
        }
        guard bytes == kept else { throw other }
        try StateFile.trying { () throws(SystemError) in try AtomicFile.remove(place(name)) }
    }
}
