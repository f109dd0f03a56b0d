/// How much may be moved: of a torrent, or of a whole node. Where both have a limit the stricter one holds.
package struct TransferLimits: Hashable, Sendable {
    /// Bytes of payload a second; nil is no limit.
    package var download: Int?
    /// Counted in the same way; what is said beside payload is not counted.
    package var upload: Int?
    /// Most connections of a torrent.
    package var peers: Int?

    package init(download: Int? = nil, upload: Int? = nil, peers: Int? = nil) {
        self.download = download
        self.upload = upload
        self.peers = peers
    }

    /// Each is at least one: to move nothing at all, a torrent is paused.
    var isUsable: Bool { [download, upload, peers].allSatisfy { $0.map { $0 > 0 } ?? true } }

    /// Most connections of a torrent with these limits in a node with those.
    func peers(within node: TransferLimits) -> Int? {
        [peers, node.peers].compactMap(\.self).min()
    }
}
