import PeerEvents
import TorrentCore
import TorrentIO

/// What all torrents of a node share.
struct NodeContext: Sendable {
    let options: PeerOptions
    let peerID: PeerID
    /// Where others can connect to us.
    let listenPort: UInt16
    /// The local address for everything, if there is only one where others can connect to us.
    var source: IPAddress? { options.source }
    let resolver: Resolver
    /// Hash and store pieces.
    let storers: HashAndStoreWorkers
    /// Cold reads, records, flushes.
    let readers: BlockingWorkers
    let checks: CheckQueues
    let buffers: PieceBufferPool
    let openFiles: OpenFileCache
    let limiters: LinkLimiters
    let records: ResumeStore
    /// Bytes of open pieces over all torrents.
    let bufferBudget: Int
    /// Where sessions are recorded, if they are.
    var recordings: RecordingFolder?
    let onEvent: @Sendable (PeerEvent) -> Void
}
