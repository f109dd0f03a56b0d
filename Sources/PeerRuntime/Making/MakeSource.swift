import TorrentCore
import TorrentIO

/// What a `TorrentMaker` found at the path that it was given.
struct MakeSource: Sendable {
    struct File: Sendable {
        /// As the torrent names it.
        let components: [[UInt8]]
        /// Below `folder`.
        let path: RelativePath
        let signature: FileSignature
    }

    let name: [UInt8]
    /// In the order of the torrent.
    let files: [File]
    let skipped: [String]
    let isSingleFile: Bool
    /// What the paths of the files are below of.
    let folder: String

    init(path: String, options: MakeOptions, limit: Int) throws(MakeError) {
        let kind: PathKind?
        do { kind = try PathKind(path) } catch { throw .cannotRead(path: path, error) }
        name = try Self.name(of: path, options)
        switch kind {
        case nil: throw .notFound(path: path)
        case .other: throw .notFileOrFolder(path: path)
        case .file(let signature):
            // The path may be a link, which nothing below a folder may be.
            let real: String
            do { real = try PathKind.real(path) } catch { throw .cannotRead(path: path, error) }
            let parts = real.utf8.split(separator: UInt8(ascii: "/"))
            guard let base = parts.last, let below = RelativePath([Array(base)]) else { throw .notFound(path: path) }
            folder = String(Substring(real.utf8.dropLast(base.count)))
            files = [File(components: [name], path: below, signature: signature)]
            skipped = []
            isSingleFile = true
        case .folder:
            let walk = try Self.walk(path, options, limit: limit)
            files = try Self.sorted(walk.files, in: path)
            skipped = walk.others.map { Self.text($0) }.sorted()
            isSingleFile = false
            folder = path
            if files.isEmpty { throw .nothingToShare(path: path) }
        }
        if files.isEmpty { throw .nothingToShare(path: path) }
    }

    /// Where a file stands, for people.
    func describe(_ file: Int) -> String {
        let text = files[file].path.description
        return folder.hasSuffix("/") ? folder + text : folder + "/" + text
    }

    private static func name(of path: String, _ options: MakeOptions) throws(MakeError) -> [UInt8] {
        var name = Array((options.name ?? lastComponent(path)).utf8)
        if options.name == nil, TorrentPath.fault(of: name) != nil, let real = try? PathKind.real(path) {
            // Given as `.`, `..` or with those at its end.
            name = Array(lastComponent(real).utf8)
        }
        guard TorrentPath.fault(of: name) == nil else {
            throw .unusableTorrentName(String(decoding: name, as: UTF8.self))
        }
        return name
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    private static func walk(_ path: String, _ options: MakeOptions, limit: Int) throws(MakeError) -> FolderWalk {
        let walk: FolderWalk
        do {
            walk = try FolderWalk(path, limit: limit) { components, isFolder in
                if options.exclude.contains(where: { $0.matches(components) }) { return false }
                return isFolder || options.include.isEmpty || options.include.contains { $0.matches(components) }
            }
        } catch {
            let place = error.components.isEmpty ? path : path + "/" + text(error.components)
            throw .cannotRead(path: place, error.error)
        }
        guard !walk.isCutShort else { throw .tooManyFiles(limit: limit) }
        return walk
    }

    /// By the bytes of the whole path, `/` included.
    private static func sorted(_ found: [FolderWalk.File], in path: String) throws(MakeError) -> [File] {
        var keyed: [(key: [UInt8], file: File)] = []
        keyed.reserveCapacity(found.count)
        for file in found {
            let key = Array(file.components.joined(separator: [UInt8(ascii: "/")]))
            guard key.count < TorrentPath.byteLimit - TorrentPath.componentLimit,
                let below = RelativePath(file.components)
            else { throw .unusableName(path: path + "/" + text(file.components)) }
            keyed.append((key, File(components: file.components, path: below, signature: file.signature)))
        }
        keyed.sort { $0.key.lexicographicallyPrecedes($1.key) }
        return keyed.map(\.file)
    }

    private static func text(_ components: [[UInt8]]) -> String {
        components.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }
}
