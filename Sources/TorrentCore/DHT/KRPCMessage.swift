/// One datagram of the DHT: a question, its answer, or why there is none (BEP 5).
public enum KRPCMessage: Hashable, Sendable {
    case query(KRPCQuery)
    case response(KRPCResponse)
    case failure(KRPCFailure)
}

/// What a node asks of another one.
public struct KRPCQuery: Hashable, Sendable {
    /// What is asked, with its arguments.
    public enum Method: Hashable, Sendable {
        /// Are you there?
        case ping
        /// Which nodes are near that place (BEP 5)?
        case findNode(NodeID)
        /// Who has that torrent, and which nodes are near it (BEP 5)?
        case getPeers(InfoHash)
        /// I have that torrent, at this port, or at the one that this came from (BEP 5).
        case announcePeer(InfoHash, port: UInt16, impliesPort: Bool, token: [UInt8])
        /// What is kept at that place, unless it is no newer than this (BEP 44)?
        case get(NodeID, newerThan: Int64?)
        /// Keep this, in place of the one of sequence number `replacing` (BEP 44).
        case put(KRPCItem, replacing: Int64?, token: [UInt8])
        /// Of which torrents do you know peers, and which nodes are near that place (BEP 51)?
        case sampleInfohashes(NodeID)
        /// Something newer. Who names a target is answered with the nodes near it, as the field does.
        case unknown(target: NodeID?)
    }

    /// Which nodes an answer is to name, whatever it travels by (BEP 32).
    public struct Families: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Nodes of IPv4: "n4".
        public static let v4 = Families(rawValue: 1)
        /// Nodes of IPv6: "n6".
        public static let v6 = Families(rawValue: 2)
    }

    /// What the answer has to repeat.
    public var transaction: [UInt8]
    /// The name of who asks.
    public var sender: NodeID
    public var method: Method
    /// Empty: those of the family that the question came by.
    public var wants: Families = []
    /// Who asks does not answer, and belongs into nobody's table (BEP 43).
    public var isReadOnly = false

    public init(_ method: Method, transaction: [UInt8], sender: NodeID) {
        self.method = method
        self.transaction = transaction
        self.sender = sender
    }
}

/// What a node answers. Which fields there are depends on what it was asked.
public struct KRPCResponse: Hashable, Sendable {
    /// As the question had it.
    public var transaction: [UInt8]
    /// The name of who answers.
    public var sender: NodeID
    /// Where the question came from, as the answering node saw it (BEP 42).
    public var seenAt: Endpoint?
    /// Nodes of IPv4, `nodes`; nil if the field is not there.
    public var nodes: [DHTContact]?
    /// Nodes of IPv6, `nodes6` (BEP 32).
    public var nodes6: [DHTContact]?
    /// Peers, of either family.
    public var values: [Endpoint] = []
    /// What an announce to this node has to bring along.
    public var token: [UInt8]?
    /// What is kept at the place that was asked for (BEP 44).
    public var item: KRPCItem?
    /// The sequence number of what is kept there, also where that is not newer than was asked for (BEP 44).
    public var sequence: Int64?
    /// Torrents of which the node knows peers (BEP 51).
    public var samples: [InfoHash]?
    /// How many those are in all (BEP 51).
    public var sampleCount: Int?
    /// Seconds until other samples are worth asking for (BEP 51).
    public var sampleInterval: Int?

    public init(transaction: [UInt8], sender: NodeID) {
        self.transaction = transaction
        self.sender = sender
    }
}

/// Why a node does not answer.
public struct KRPCFailure: Hashable, Sendable, Error {
    /// As the question had it.
    public var transaction: [UInt8]
    /// 201 to 207, 301 and 302 are named by BEP 5 and BEP 44.
    public var code: Int
    /// The words of a stranger.
    public var message: [UInt8]

    public init(transaction: [UInt8], code: Int, message: [UInt8]) {
        self.transaction = transaction
        self.code = code
        self.message = message
    }
}

/// Something that is kept for others, in its bencoded form (BEP 44).
public struct KRPCItem: Hashable, Sendable {
    /// Who may replace it, and by which right.
    public struct Signature: Hashable, Sendable {
        /// The public key of Ed25519, 32 bytes.
        public var key: [UInt8]
        /// 64 bytes.
        public var signature: [UInt8]
        /// The newer of two items of one key and salt has the greater one.
        public var sequence: Int64
        /// Up to 64 bytes; empty for none. It is not told in answers.
        public var salt: [UInt8]

        public init(key: [UInt8], signature: [UInt8], sequence: Int64, salt: [UInt8] = []) {
            self.key = key
            self.signature = signature
            self.sequence = sequence
            self.salt = salt
        }
    }

    /// As it came, byte for byte: what is hashed and signed.
    public var value: [UInt8]
    /// Nil for what never changes: its place is the hash of its value.
    public var signature: Signature?

    public init(value: [UInt8], signature: Signature? = nil) {
        self.value = value
        self.signature = signature
    }
}
