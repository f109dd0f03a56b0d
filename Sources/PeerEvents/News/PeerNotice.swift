/// News that ends nothing, in words for people; `text` may hold words of strangers. A remark on what is odd in a
/// torrent, or in an answer, is one with `isDetail`: `-v` says it.
package struct PeerNotice: Sendable, Hashable {
    /// For scripts: `tracker_failed`, `tracker_warning`, `disk_full`, `disk_ready`, `banned`, `no_peers`, ...
    package var code: String
    /// One line; it may hold words of strangers.
    package var text: String
    /// True for what only `-v` shows.
    package var isDetail: Bool

    package init(code: String, text: String, isDetail: Bool = false) {
        self.code = code
        self.text = text
        self.isDetail = isDetail
    }
}
