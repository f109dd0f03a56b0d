/// What a peer tells a tracker, and asks of it (BEP 3, 7, 15).
public struct AnnounceRequest: Hashable, Sendable {
    public var infoHash: InfoHash
    public var peerID: PeerID
    /// Where the peer listens; 0 if nobody can connect to it.
    public var port: UInt16
    /// Payload bytes since the peer said `started`.
    public var uploaded: Int64
    /// Payload bytes since the peer said `started`.
    public var downloaded: Int64
    /// Bytes still to be fetched; 0 makes a seeder, `unknownLeft` stands for a magnet link that has no metainfo yet.
    public var left: Int64
    public var event: AnnounceEvent
    /// How many peers are wanted; nil leaves it to the tracker.
    public var numberWanted: Int?
    public var key: AnnounceKey?
    /// Peers as 6 or 18 bytes each rather than as dictionaries (BEP 23); HTTP alone.
    public var wantsCompact = true
    /// In a dictionary answer, leave out the peer ids; HTTP alone.
    public var omitsPeerIDs = false
    /// An address to be used instead of that of the connection, which few trackers believe.
    public var address: IPAddress?
    /// Where else the peer listens (BEP 7); HTTP alone.
    public var otherIPv4: Endpoint?
    /// The same for IPv6.
    public var otherIPv6: Endpoint?
    /// The `tracker id` of an earlier answer, to be sent back; HTTP alone.
    public var trackerID: [UInt8] = []
    /// What the peer wants to be called where a catalogue names it: UTF-8 of at most `longestName` bytes; HTTP alone.
    public var name: String?
    /// Fields that were sent but could not be read, and are ignored.
    public var ignored: OptionalFields = []

    /// The `left` of one who does not know how much there is.
    public static let unknownLeft = Int64.max
    /// Bytes of a name; a longer one is ignored.
    public static let longestName = 64

    public init(
        infoHash: InfoHash, peerID: PeerID, port: UInt16, uploaded: Int64 = 0, downloaded: Int64 = 0, left: Int64,
        event: AnnounceEvent = .none, numberWanted: Int? = nil, key: AnnounceKey? = nil
    ) {
        self.infoHash = infoHash
        self.peerID = peerID
        self.port = port
        self.uploaded = uploaded
        self.downloaded = downloaded
        self.left = left
        self.event = event
        self.numberWanted = numberWanted
        self.key = key
    }

    public var isSeeder: Bool { left == 0 }

    /// Optional parameters whose value is a number or a word.
    public struct OptionalFields: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// `uploaded`, a count of bytes.
        public static let uploaded = OptionalFields(rawValue: 1)
        /// `downloaded`, a count of bytes.
        public static let downloaded = OptionalFields(rawValue: 2)
        /// `left`, a count of bytes.
        public static let left = OptionalFields(rawValue: 4)
        /// `numwant`, how many peers are wanted.
        public static let numwant = OptionalFields(rawValue: 8)
        /// `event`, one of four words.
        public static let event = OptionalFields(rawValue: 16)

        /// By their names on the wire.
        public var names: [StaticString] {
            let all: [(OptionalFields, StaticString)] = [
                (.uploaded, "uploaded"), (.downloaded, "downloaded"), (.left, "left"), (.numwant, "numwant"),
                (.event, "event"),
            ]
            return all.filter { contains($0.0) }.map(\.1)
        }
    }
}
