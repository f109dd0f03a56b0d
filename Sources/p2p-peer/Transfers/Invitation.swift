internal import ByteStrings
internal import CommandLineKit
internal import TorrentCore
internal import TorrentIO
internal import TrackerRuntime

/// What others need to join: for each torrent a magnet link with the tracker that runs here and with where we listen,
/// by the addresses that this machine has on its networks.
struct Invitation {
    private let trackers: [String]
    private let peers: [Endpoint]

    /// Most addresses of ours that a link names.
    private static let mostPeers = 4

    init(_ tracker: CompanionTracker, _ listening: [Endpoint]) {
        trackers = tracker.announceURLs
        peers = Array(AnnounceURLs.reachable(listening, InterfaceAddress.all()).prefix(Self.mostPeers))
    }

    /// The link for a torrent. A private one names no tracker but its own, and no peers (BEP 27).
    func link(to metainfo: Metainfo) -> MagnetLink {
        var link = MagnetLink(metainfo)
        guard !metainfo.isPrivate else { return link }
        link.trackers = trackers + link.trackers.filter { !trackers.contains($0) }
        link.peers = peers.map(\.description)
        return link
    }

    /// The same torrent, with the tracker that runs here in a tier before its own: for those who take no links. Nil if
    /// that is none of its business, as with a private one (BEP 27), or is named already.
    func torrent(_ metainfo: Metainfo) -> Metainfo? {
        guard !metainfo.isPrivate else { return nil }
        var named = metainfo
        return named.announceFirst(at: trackers) ? named : nil
    }

    /// `saved`: where a .torrent is written for it.
    func say(_ metainfo: Metainfo, beside saved: ByteString?, _ output: Output) {
        let link = link(to: metainfo).description
        guard output.isJSON else { return output.message("\(metainfo.name) at \(link)") }
        var event: [JSONValue.Member] = [
            .init("event", "invitation"), .init("infohash", .string(metainfo.infoHash.description)),
            .init("name", .string(metainfo.name.description)), .init("magnet", .string(link)),
        ]
        if let saved, !metainfo.isPrivate { event.append(.init("torrent", .bytes(saved))) }
        output.event(.object(event))
    }
}
