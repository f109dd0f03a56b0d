import ByteStrings
import TorrentCore
import TorrentIO

/// What a `TorrentMaker` found at the path that it was given.
struct MakeSource: Sendable {
    struct File: Sendable {
        /// As the torrent names it.
        let name: RelativePath
        /// Below `folder`.
        let path: RelativePath
        let signature: FileSignature
    }

    let name: [UInt8]
    /// In the order of the torrent.
    let files: [File]
    let skipped: [ByteString]
    let leftOut: [ByteString]
    let isSingleFile: Bool
    /// The folder that the paths of the files are relative to.
    let folder: ByteString
    /// As it was given.
    let path: ByteString

    init(path: ByteString, options: MakeOptions, limit: Int) throws(MakeError) {
        let kind: PathKind?
        do { kind = try PathKind(path) } catch { throw .cannotRead(path: path, error) }
        name = try Self.name(of: path, options)
        self.path = path
        switch kind {
        case nil: throw .notFound(path: path)
        case .other: throw .notFileOrFolder(path: path)
        case .file(let signature):
            guard options.include.isEmpty, options.exclude.isEmpty else { throw .patternsOfOneFile(path: path) }
            // The path may be a link, which nothing below a folder may be.
            let real: ByteString
            do { real = try PathKind.real(path) } catch { throw .cannotRead(path: path, error) }
            guard !options.ownFiles.contains(real) else { throw .isOwnFile(path: path) }
            guard let below = RelativePath([real.lastComponent.bytes]), let named = RelativePath([name]) else {
                throw .notFound(path: path)
            }
            folder = real.parent
            files = [File(name: named, path: below, signature: signature)]
            skipped = []
            leftOut = []
            isSingleFile = true
        case .folder:
            let own = try Self.below(path, options.ownFiles)
            let (walk, leftOut) = try Self.walk(path, options, without: own, limit: limit)
            files = try Self.sorted(walk.files, in: path)
            skipped = walk.others.map { ByteString($0) }.sorted()
            self.leftOut = leftOut
            isSingleFile = false
            folder = path
        }
        if files.isEmpty { throw .nothingToShare(path: path) }
        if files.allSatisfy({ $0.signature.size == 0 }) { throw .onlyEmptyFiles(path: path) }
    }

    /// The path of a file, for people.
    func place(of file: Int) -> ByteString { folder.appending(ByteString(files[file].path.bytes)) }

    static func name(of path: ByteString, _ options: MakeOptions) throws(MakeError) -> [UInt8] {
        var name = (options.name ?? path.lastComponent).bytes
        if options.name == nil, TorrentPath.fault(of: name) != nil, let real = try? PathKind.real(path) {
            // PATH was `.` or `..`, or ends with one.
            name = real.lastComponent.bytes
        }
        guard TorrentPath.fault(of: name) == nil else {
            throw .unusableTorrentName(ByteString(name))
        }
        return name
    }

    /// Those of `files` that stand somewhere below `folder`, as paths from there.
    private static func below(_ folder: ByteString, _ files: [ByteString]) throws(MakeError) -> [ByteString] {
        guard !files.isEmpty else { return [] }
        let prefix: ByteString
        do { prefix = try PathKind.real(folder).appending("") } catch { throw .cannotRead(path: folder, error) }
        return files.filter { $0.bytes.starts(with: prefix.bytes) }.map { $0.dropFirst(prefix.bytes.count) }
    }

    /// All wanted files, and which of our own files were found.
    private static func walk(
        _ path: ByteString, _ options: MakeOptions, without own: [ByteString], limit: Int
    ) throws(MakeError) -> (FolderWalk, leftOut: [ByteString]) {
        let walk: FolderWalk
        var leftOut: [ByteString] = []
        var filter: FolderWalk.Filter?
        if !options.exclude.isEmpty || !options.include.isEmpty || !own.isEmpty {
            filter = { components, isFolder in
                if !isFolder, let mine = own.first(where: { $0.components.map(\.bytes) == components }) {
                    leftOut.append(mine)
                    return false
                }
                if options.exclude.contains(where: { $0.matches(components) }) { return false }
                return isFolder || options.include.isEmpty || options.include.contains { $0.matches(components) }
            }
        }
        do {
            walk = try FolderWalk(path, limit: limit, wants: filter)
        } catch {
            let place = error.path.isEmpty ? path : path.appending(ByteString(error.path))
            throw .cannotRead(path: place, error.error)
        }
        guard !walk.isCutShort else { throw .tooManyFiles(limit: limit) }
        if let unusable = walk.unusable { throw .unusableName(path: path.appending(ByteString(unusable))) }
        return (walk, leftOut)
    }

    private static func sorted(_ found: [FolderWalk.File], in path: ByteString) throws(MakeError) -> [File] {
        let limit = TorrentPath.byteLimit - TorrentPath.componentLimit
        if let long = found.first(where: { $0.path.bytes.count >= limit }) {
            throw .unusableName(path: path.appending(ByteString(long.path.bytes)))
        }
        return found.sorted { $0.path < $1.path }.map { File(name: $0.path, path: $0.path, signature: $0.signature) }
    }
}
