import TorrentCore
import TorrentIO

/// What all torrents of a node draw on: memory, open files, threads, names, records, and the rates of the whole node.
/// One owner, so that a thousand torrents hold no more of them than one that is busy.
struct SharedResources: Sendable {
    /// Bytes of open pieces over all torrents. Small enough that what was received is still in the processor's caches
    /// when it is hashed and written; buffers are kept while anything moves, for a fresh page costs as much as a copy.
    static let bufferBudget = 32 << 20

    /// Bytes of metadata that is being fetched, over all torrents, and of what peers say meanwhile: two of the longest
    /// there are, or hundreds of the usual ones.
    static let metadataBudget = 2 * BencodeLimits.longestMetainfo

    let buffers: PieceBufferPool
    /// Whose turn it is to have some of it.
    let pieces: PieceMemory
    /// The same for metadata, in parts of `MetadataRoom`.
    let metadata: PieceMemory
    /// The most that one torrent takes of it, bytes.
    let bufferBudget: Int
    let openFiles: OpenFileCache
    /// Hash and store pieces.
    let storers: HashAndStoreWorkers
    /// Cold reads, records, flushes.
    let readers: BlockingWorkers
    let checks: CheckQueues
    let resolver: Resolver
    /// The door to trackers over UDP, at the node's own port.
    let udpTrackers: UDPTrackers
    let records: ResumeStore
    let ourAddress: OurAddress
    /// Attempts to connect to those that lists of strangers name.
    let attempts = SharedAttempts()
    /// Bytes a second over all torrents; those of a torrent are within these.
    let limiters: LinkLimiters

    init(
        buffers: PieceBufferPool = PieceBufferPool(budget: bufferBudget, idleLimit: bufferBudget),
        bufferBudget: Int = bufferBudget, metadataBudget: Int = metadataBudget,
        openFiles: OpenFileCache = OpenFileCache(), storers: HashAndStoreWorkers,
        readers: BlockingWorkers, checks: CheckQueues = CheckQueues(), resolver: Resolver = Resolver(),
        udpTrackers: UDPTrackers, records: ResumeStore, limiters: LinkLimiters = LinkLimiters(),
        ourAddress: OurAddress = OurAddress()
    ) {
        self.buffers = buffers
        pieces = PieceMemory(budget: bufferBudget)
        metadata = PieceMemory(budget: metadataBudget)
        self.bufferBudget = bufferBudget
        self.openFiles = openFiles
        self.storers = storers
        self.readers = readers
        self.checks = checks
        self.resolver = resolver
        self.udpTrackers = udpTrackers
        self.records = records
        self.ourAddress = ourAddress
        self.limiters = limiters
    }
}
