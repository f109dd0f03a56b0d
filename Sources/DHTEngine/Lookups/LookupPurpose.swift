import TorrentCore

/// What a lookup is for.
enum LookupPurpose: Hashable {
    /// Our own neighbourhood, at the beginning and now and then.
    case join
    /// A bucket in which nothing happens.
    case refresh
    /// A torrent that is sought, and what is announced of it.
    case seek(InfoHash, DHTAnnouncement?)
    /// By hand.
    case inquiry(DHTInquiryID, InfoHash?, DHTAnnouncement?)

    /// The torrent whose peers are asked for; nil where nodes are.
    var infoHash: InfoHash? {
        switch self {
        case .join, .refresh: nil
        case .seek(let infoHash, _): infoHash
        case .inquiry(_, let infoHash, _): infoHash
        }
    }

    var announcement: DHTAnnouncement? {
        switch self {
        case .join, .refresh: nil
        case .seek(_, let announcement), .inquiry(_, _, let announcement): announcement
        }
    }

    var inquiry: DHTInquiryID? {
        if case .inquiry(let inquiry, _, _) = self { inquiry } else { nil }
    }

    /// Those go first: somebody waits for them, or all else does.
    var isUrgent: Bool {
        switch self {
        case .join, .inquiry: true
        case .refresh, .seek: false
        }
    }
}
