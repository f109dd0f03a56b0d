/// The dictionary with which a peer says what extensions it has (BEP 10). Every entry may be absent.
public struct ExtensionHandshake: Hashable, Sendable {
    /// An extension, and the message id that its sender wants to receive for it; 0 turns it off.
    public struct Extension: Hashable, Sendable {
        /// `ut_metadata` and the like, of the sender's choosing.
        public let name: String
        /// Local to the sender: two peers may give one extension two ids.
        public let id: UInt8

        public init(name: String, id: UInt8) {
            self.name = name
            self.id = id
        }
    }

    /// `m`, the first `maximumExtensions` of it, in the order of the dictionary.
    public var extensions: [Extension] = []
    /// `p`: where the sender listens.
    public var listenPort: UInt16?
    /// `v`: name and version of the client. Untrusted text, at most `maximumNameBytes` long.
    public var client: String?
    /// `reqq`: requests that the sender keeps without dropping any.
    public var requestQueue: Int?
    /// `yourip`: how the sender sees the receiver.
    public var yourAddress: IPAddress?
    /// `upload_only` (BEP 21): the sender will fetch nothing, whatever it lacks.
    public var isUploadOnly = false
    /// `spreads`, of our own: the sender has everything and shows each peer only some of it for now. Said instead of
    /// `upload_only`, for who reads that from a peer with nothing to give hangs up.
    public var spreads = false

    /// Extensions of one handshake that are kept.
    public static let maximumExtensions = 32
    /// Bytes of a client's name or an extension's that are kept.
    public static let maximumNameBytes = 128

    public init() {}

    /// What our own peers say.
    public static func ours(listenPort: UInt16?, requestQueue: Int, yourAddress: IPAddress? = nil) -> Self {
        var ours = Self()
        ours.client = SuiteVersion.peer
        ours.listenPort = listenPort
        ours.requestQueue = requestQueue
        ours.yourAddress = yourAddress
        return ours
    }

    /// From the body of extended message 0. Entries of a wrong kind are taken for absent.
    public init(parsing bytes: RawSpan) throws(WireError) {
        let limits = BencodeLimits(byteCount: 1 << 16, depth: 8, items: 1 << 10)
        guard let value = try? BencodeValue(decoding: bytes.array, limits: limits), let entries = value.dictionary
        else {
            throw .badExtensionHandshake
        }
        if let names = entries["m"]?.dictionary {
            for pair in names.pairs.prefix(Self.maximumExtensions) where pair.key.count <= Self.maximumNameBytes {
                guard let id = pair.value.integer.flatMap(UInt8.init(exactly:)) else { continue }
                extensions.append(Extension(name: String(decoding: pair.key, as: UTF8.self), id: id))
            }
        }
        listenPort = entries["p"]?.integer.flatMap(UInt16.init(exactly:)).flatMap { $0 == 0 ? nil : $0 }
        client = entries["v"]?.string.map {
            String(decoding: $0.prefix(Self.maximumNameBytes), as: UTF8.self)
        }
        requestQueue = entries["reqq"]?.integer.flatMap { $0 > 0 ? Int($0) : nil }
        yourAddress = entries["yourip"]?.string.flatMap { bytes in bytes.withBytes { IPAddress($0) } }
        isUploadOnly = entries["upload_only"]?.integer == 1
        spreads = entries["spreads"]?.integer == 1
    }

    /// The body of extended message 0.
    public var encoded: [UInt8] {
        var entries: [(String, BencodeValue)] = []
        var names: [(String, BencodeValue)] = []
        for name in extensions { names.append((name.name, .integer(Int64(name.id)))) }
        entries.append(("m", Self.dictionary(names)))
        if let listenPort { entries.append(("p", .integer(Int64(listenPort)))) }
        if let requestQueue { entries.append(("reqq", .integer(Int64(requestQueue)))) }
        if isUploadOnly { entries.append(("upload_only", .integer(1))) }
        if spreads { entries.append(("spreads", .integer(1))) }
        if let client { entries.append(("v", .text(client))) }
        if let yourAddress {
            var address: [UInt8] = []
            yourAddress.append(to: &address)
            entries.append(("yourip", .string(address)))
        }
        return Self.dictionary(entries).encoded
    }

    private static func dictionary(_ entries: [(String, BencodeValue)]) -> BencodeValue {
        var dictionary = BencodeDictionary()
        for entry in entries { dictionary[entry.0] = entry.1 }
        return .dictionary(dictionary)
    }
}
