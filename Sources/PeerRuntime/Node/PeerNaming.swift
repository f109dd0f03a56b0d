import TorrentCore

/// What trackers over HTTP are told that we are called.
package struct PeerNaming: Hashable, Sendable {
    /// At most `AnnounceRequest.longestName` bytes; nil: nothing.
    package var name: String?
    /// Host and port of the only tracker that is told; nil: all are.
    package var onlyAt: String?

    package init(name: String? = nil, onlyAt: String? = nil) {
        self.name = name
        self.onlyAt = onlyAt
    }

    /// What the tracker at `url` is told.
    func name(at url: TrackerURL) -> String? { onlyAt == nil || onlyAt == url.authority ? name : nil }
}
