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

    func say(_ torrents: [Metainfo], _ output: Output) {
        for metainfo in torrents {
            let link = link(to: metainfo).description
            guard output.isJSON else {
                output.message("\(metainfo.name) at \(link)")
                continue
            }
            output.event([
                "event": "invitation", "infohash": .string(metainfo.infoHash.description),
                "name": .string(metainfo.name.description), "magnet": .string(link),
            ])
        }
    }
}
