/// The dictionary with which a peer says what extensions it has (BEP 10). Every entry may be absent.
public struct ExtensionHandshake: Hashable, Sendable {
    /// `m`: the ids by which the sender wants to be sent extensions, as far as we know their names.
    public var ids = ExtensionIDs()
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
    /// `metadata_size`: bytes of the info dictionary, if the sender has it (BEP 9). Whoever says it may lie.
    public var metadataSize: Int?
    /// `ipv4`: an address of the sender, which nobody has checked.
    public var ipv4: IPAddress?
    /// `ipv6`: the same of the other family.
    public var ipv6: IPAddress?

    /// Bytes of a client's name that are kept.
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
            for row in PeerExtension.allCases { ids[row] = names[row.name]?.integer.flatMap(UInt8.init(exactly:)) }
        }
        listenPort = entries["p"]?.integer.flatMap(UInt16.init(exactly:)).flatMap { $0 == 0 ? nil : $0 }
        client = entries["v"]?.string.map {
            String(decoding: $0.prefix(Self.maximumNameBytes), as: UTF8.self)
        }
        requestQueue = entries["reqq"]?.integer.flatMap { $0 > 0 ? Int($0) : nil }
        yourAddress = Self.address(entries["yourip"])
        ipv4 = Self.address(entries["ipv4"]).flatMap { $0.isV4 ? $0 : nil }
        ipv6 = Self.address(entries["ipv6"]).flatMap { $0.isV4 ? nil : $0 }
        metadataSize = entries["metadata_size"]?.integer.flatMap { $0 > 0 ? Int($0) : nil }
        isUploadOnly = entries["upload_only"]?.integer == 1
        spreads = entries["spreads"]?.integer == 1
    }

    /// The body of extended message 0.
    public var encoded: [UInt8] {
        var entries: [(String, BencodeValue)] = []
        var names: [(String, BencodeValue)] = []
        for row in PeerExtension.allCases {
            if let id = ids[row] { names.append((row.name, .integer(Int64(id)))) }
        }
        entries.append(("m", Self.dictionary(names)))
        if let ipv4 { entries.append(("ipv4", Self.bytes(of: ipv4))) }
        if let ipv6 { entries.append(("ipv6", Self.bytes(of: ipv6))) }
        if let metadataSize { entries.append(("metadata_size", .integer(Int64(metadataSize)))) }
        if let listenPort { entries.append(("p", .integer(Int64(listenPort)))) }
        if let requestQueue { entries.append(("reqq", .integer(Int64(requestQueue)))) }
        if isUploadOnly { entries.append(("upload_only", .integer(1))) }
        if spreads { entries.append(("spreads", .integer(1))) }
        if let client { entries.append(("v", .text(client))) }
        if let yourAddress { entries.append(("yourip", Self.bytes(of: yourAddress))) }
        return Self.dictionary(entries).encoded
    }

    private static func address(_ value: BencodeValue?) -> IPAddress? {
        value?.string.flatMap { bytes in bytes.withBytes { IPAddress($0) } }
    }

    private static func bytes(of address: IPAddress) -> BencodeValue {
        var bytes: [UInt8] = []
        address.append(to: &bytes)
        return .string(bytes)
    }

    private static func dictionary(_ entries: [(String, BencodeValue)]) -> BencodeValue {
        var dictionary = BencodeDictionary()
        for entry in entries { dictionary[entry.0] = entry.1 }
        return .dictionary(dictionary)
    }
}
