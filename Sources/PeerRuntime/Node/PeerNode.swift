package import TorrentCore

/// A whole peer: one listening port, any number of torrents, the threads that move their bytes.
///
///     let node = try PeerNode(options) { event in … }
///     try node.add(metainfo, folder: "/home/me/Downloads", role: .leech)
///     node.start()
///     signals.onInterrupt { node.stop() }
///     let outcome = node.waitUntilDone()
package final class PeerNode: Sendable {
    /// How a run ended.
    package struct Outcome: Sendable {
        /// What could not go on; empty if all went well.
        package var failures: [PeerFailure]
        /// Leeched torrents that were stopped before they were complete.
        package var unfinished: Int
    }

    /// Opens the listening port, so that a taken one is known at once. `onEvent` is called on the node's own threads.
    package init(_ options: PeerOptions, onEvent: @escaping @Sendable (PeerEvent) -> Void) throws(PeerFailure) {
        throw PeerFailure(.network, "not wired yet")
    }

    /// Takes a torrent in, before `start`. `folder` holds, or receives, what the torrent names.
    package func add(_ metainfo: Metainfo, folder: String, role: PeerRole) throws(PeerFailure) {}

    /// Begins to check, announce, connect and serve.
    package func start() {}

    /// Ends it cleanly: tells the trackers, saves, closes. Within two seconds; call again to end at once.
    package func stop() {}

    /// Blocks until every torrent has ended, by itself or by `stop`.
    package func waitUntilDone() -> Outcome { Outcome(failures: [], unfinished: 0) }
}
