import PeerEvents
import TorrentCore
import TorrentIO

/// What a torrent knows of the node that it lives in.
struct NodeContext: Sendable {
    var options: PeerOptions
    let peerID: PeerID
    /// Where others can connect to us.
    let listenPort: UInt16
    /// The local address for everything, if there is only one where others can connect to us.
    var source: IPAddress? { options.source }
    let shared: SharedResources
    /// The rates that the torrent keeps to: its own, within those of the node.
    var limiters: LinkLimiters
    /// The networks around us, and who says there that it has what we have; nil: nobody is asked.
    let networks = CurrentNetworks()
    var localDiscovery: LocalDiscovery?
    /// Where sessions are recorded, if they are.
    var recordings: RecordingFolder?
    /// Nil where there is no DHT.
    var dht: DHTService?
    let onEvent: @Sendable (PeerEvent) -> Void

    init(
        options: PeerOptions, peerID: PeerID, listenPort: UInt16, shared: SharedResources,
        recordings: RecordingFolder? = nil, onEvent: @escaping @Sendable (PeerEvent) -> Void
    ) {
        self.options = options
        self.peerID = peerID
        self.listenPort = listenPort
        self.shared = shared
        limiters = shared.limiters
        self.recordings = recordings
        self.onEvent = onEvent
    }

    /// The addresses of this machine that brains are told. A host of containers may have thousands.
    var interfaces: [InterfaceAddress] { Array(InterfaceAddress.all().prefix(Self.mostInterfaces)) }
    private static let mostInterfaces = 64

    var resolver: Resolver { shared.resolver }
    var udpTrackers: UDPTrackers { shared.udpTrackers }
    var storers: HashAndStoreWorkers { shared.storers }
    var readers: BlockingWorkers { shared.readers }
    var buffers: PieceBufferPool { shared.buffers }
    var bufferBudget: Int { shared.bufferBudget }
    var records: ResumeStore { shared.records }
}
