import SwarmEngine
import TorrentCore
import TorrentIO

extension TorrentTask {
    /// A session at work, and what goes with it.
    struct Work {
        let session: SwarmSession
        let keeper: RecordKeeper
        var watch: ContentWatch?
    }

    /// What it holds on to, as `TorrentLife.State` says.
    enum Possession {
        case nothing
        /// Where the content will be, once it is known what that is.
        case folder(ContentFolder)
        case content(TorrentContent)
        case metadata(MetadataSession)
        /// The session holds peers for the one that follows the check.
        case check(ContentCheck, TorrentContent?, MetadataSession?)
        case found(ContentCheck.Found, MetadataSession?)
        case work(Work, TorrentContent)
        case rest(TimerID, TorrentContent, known: ResumeRecord)

        var content: TorrentContent? {
            switch self {
            case .nothing, .folder, .metadata: nil
            case .check(_, let content, _): content
            case .content(let content), .work(_, let content), .rest(_, let content, _): content
            case .found(let found, _): found.content
            }
        }

        /// Where the content is, or will be, as far as it has been opened.
        var folder: ContentFolder? {
            if case .folder(let folder) = self { folder } else { content?.storage.folder }
        }
    }

    var content: TorrentContent? { possession.content }

    /// The session and its keeper, from the first check until both are closed.
    var work: Work? {
        if case .work(let work, _) = possession { work } else { nil }
    }

    /// From the first connection until the metadata is there, and until another session takes over from it.
    var metadataSession: MetadataSession? {
        switch possession {
        case .metadata(let session): session
        case .check(_, _, let session), .found(_, let session): session
        case .nothing, .folder, .content, .work, .rest: nil
        }
    }
}
