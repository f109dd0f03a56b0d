import ByteStrings
import PeerEvents
import TorrentCore
import TorrentIO

/// A torrent and its storage: shared by its session, its check and its record.
struct TorrentContent: Sendable {
    let metainfo: Metainfo
    let geometry: TorrentGeometry
    let storage: FileStorage
    /// The folder as the user named it, for messages.
    let folderName: ByteString
    let trackers: TrackerTiers

    /// Opens `folder`; for a leecher, makes it. A seeder, who only reads, follows links in it. `ownTracker` is asked
    /// first, if that is no other's business.
    init(
        _ metainfo: Metainfo, folder: ByteString, role: PeerRole, ownTracker: OwnTracker? = nil,
        openFiles: OpenFileCache
    ) throws(PeerFailure) {
        let root = try Self.open(folder, role)
        let files = metainfo.files.map { file in
            FileStorage.File(path: file.isStored ? RelativePath(file.path) : nil, length: file.length)
        }
        guard let storage = FileStorage(folder: root, files: files, cache: openFiles) else {
            preconditionFailure("the metainfo has checked the lengths")
        }
        self.metainfo = metainfo
        geometry = metainfo.geometry
        self.storage = storage
        folderName = folder
        trackers = TrackerTiers(metainfo.trackerTiers, isPrivate: metainfo.isPrivate, ownTracker: ownTracker)
    }

    static func open(_ folder: ByteString, _ role: PeerRole) throws(PeerFailure) -> ContentFolder {
        do throws(SystemError) {
            return try ContentFolder(folder, creating: role == .leech, readsThroughLinks: role == .seed)
        } catch {
            let kind: PeerFailure.Kind = error.isNotFound ? .notFound : .io
            throw PeerFailure(kind, "\(folder): \(error.text.lowercased()); check --dir")
        }
    }

    /// What to say when there is nothing to serve. DIR holds what the torrent names, and is not that itself.
    var nothingThere: PeerFailure {
        if let moved = metainfo.movedPath {
            let place = folderName == "." ? ByteString(moved.bytes) : folderName.appending(ByteString(moved.bytes))
            return PeerFailure(
                .notFound, "nothing of \(metainfo.name) is at \(place), its path: name its folder with --dir")
        }
        let isItself = folderName.lastComponent == savedPath.lastComponent
        let advice = isItself ? "did you mean --dir \(folderName.parent)?" : "check --dir"
        return PeerFailure(.notFound, "nothing of \(metainfo.name) is in \(folderName): \(advice)")
    }

    /// What to say when the file of this block has become shorter.
    func shrunk(at block: BlockRequest) -> StorageError? {
        let offset = geometry.offset(of: block)
        return storage.layout.segments(offset: offset, length: 1).first.map { StorageError(file: $0.file, .shrank) }
    }

    /// The absolute path, without links, of the file or folder that the torrent names.
    var savedPath: ByteString {
        if let moved = metainfo.movedPath { return storage.folder.realPath.appending(ByteString(moved.bytes)) }
        let name = storage.files.lazy.compactMap { $0.path?.components.first }.first
        return name.map { storage.folder.realPath.appending(ByteString($0)) } ?? storage.folder.realPath
    }

    /// The path of a file as the user would name it.
    func path(of file: Int) -> ByteString {
        storage.files[file].path.map { folderName.appending(ByteString($0.bytes)) } ?? folderName
    }

    /// With `have`, the pieces that are there, it says how much of the torrent is.
    func failure(_ error: StorageError, have: Bitfield? = nil) -> PeerFailure {
        if error.problem == .differs, let have, !have.isEmpty {
            let missing = have.count - have.setCount
            var bytes: Int64 = 0
            for piece in geometry.pieces where !have[piece] { bytes += Int64(geometry.length(of: piece)) }
            let rest = missing == 1 ? "the other" : "the others,"
            return PeerFailure(
                .io,
                "\(path(of: error.file)): \(have.setCount) of \(have.count) pieces are right; "
                    + "--overwrite fetches \(rest) \((bytes + 1_023) / 1_024) KiB")
        }
        let kind: PeerFailure.Kind =
            error.problem.isNoSpace ? .diskFull : error.problem.isNotFound ? .notFound : .io
        let advice =
            switch error.problem {
            case .exists, .differs: "; use --overwrite to replace it, or choose another folder"
            case .tooLong: "; --overwrite cuts it"
            case .linked: "; --overwrite goes on in a new file"
            case .symbolicLink: "; seed reads through links, leech follows none"
            case .notRegularFile: "; move it away, or choose another folder"
            case .shrank, .changed, .replaced, .gone: "; run verify, then start again"
            case .notKept: "; check the disk, then start again"
            case .system(let error) where error.isNotPermitted: "; check the permissions of file and folder"
            case .system: ""
            }
        return PeerFailure(kind, "\(path(of: error.file)): \(error.problem)\(advice)")
    }
}
