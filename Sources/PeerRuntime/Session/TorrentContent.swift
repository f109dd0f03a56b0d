import TorrentCore
import TorrentIO

/// What a torrent says and where its bytes live: all that its session, its check and its record share.
struct TorrentContent: Sendable {
    let metainfo: Metainfo
    let geometry: TorrentGeometry
    let storage: FileStorage
    /// The folder as the user named it, for messages.
    let folderName: String
    /// Tiers of trackers that can be asked (BEP 12).
    let trackerTiers: [[TrackerURL]]

    /// A disk error of one of our files, in words.
    func failure(_ error: StorageError) -> PeerFailure {
        let path = storage.files[error.file].path.map { "\(folderName)/\($0)" } ?? folderName
        let kind: PeerFailure.Kind = error.isNoSpace ? .diskFull : error.problem.isNotFound ? .notFound : .io
        let advice =
            switch error.problem {
            case .exists: "; use --overwrite to replace it, or choose another folder"
            case .symbolicLink, .notRegularFile: "; move it away, or choose another folder"
            case .shrank: "; it changed while it was in use: run verify, then start again"
            case .system(let error) where error.isNotPermitted: "; check the permissions of the folder"
            case .system: ""
            }
        return PeerFailure(kind, "\(path): \(error.problem)\(advice)")
    }
}
