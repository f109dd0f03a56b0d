/// What peers say of the info dictionary (BEP 9). It speaks of blocks by their numbers; the bytes of one that is sent
/// stand behind it in the message, and are not held here.
public enum MetadataMessage: Hashable, Sendable, BitwiseCopyable {
    /// Asks for a block.
    case request(piece: UInt32)
    /// Here is a block, `length` bytes of it, of a dictionary of so many in all. What a peer sends is not checked
    /// against each other.
    case data(piece: UInt32, totalSize: Int64, length: Int)
    /// The block will not be given.
    case reject(piece: UInt32)
    /// Of a kind that is not known: to be ignored.
    case unknown

    /// Bytes of every block but the last, which may be shorter.
    public static let blockBytes = 16_384
    /// Longest dictionary of a message that is read, bytes. Those that are sent have some forty.
    static let longestDictionary = 1_024

    private static let kind = (request: Int64(0), data: Int64(1), reject: Int64(2))

    /// How many blocks there are in so many bytes.
    public static func blockCount(of byteCount: Int) -> Int {
        byteCount / blockBytes + (byteCount.isMultiple(of: blockBytes) ? 0 : 1)
    }

    /// Where the bytes of a block lie in a dictionary of so many; nil if there is no such block.
    public static func range(of piece: UInt32, in byteCount: Int) -> Range<Int>? {
        guard Int(piece) < blockCount(of: byteCount) else { return nil }
        let start = Int(piece) * blockBytes
        return start..<start + min(blockBytes, byteCount - start)
    }

    /// From what follows the id of the extension: the message, and where in `body` the bytes of a block stand.
    public static func parse(
        _ body: RawSpan
    ) throws(WireError) -> (message: MetadataMessage, payload: Range<Int>) {
        let head = body.array(0..<min(body.byteCount, longestDictionary))
        let limits = BencodeLimits(byteCount: longestDictionary, depth: 4, items: 64)
        guard let document = try? BencodeDocument(head, limits: limits, allowsTrailing: true),
            document.root.kind == .dictionary, let kind = document.root["msg_type"]?.integer
        else { throw .badExtensionMessage(.metadata) }
        let payload = document.byteCount..<body.byteCount
        guard (Self.kind.request...Self.kind.reject).contains(kind) else { return (.unknown, payload) }
        guard let piece = document.root["piece"]?.integer.flatMap(UInt32.init(exactly:)) else {
            throw .badExtensionMessage(.metadata)
        }
        switch kind {
        case Self.kind.request: return (.request(piece: piece), payload)
        case Self.kind.reject: return (.reject(piece: piece), payload)
        default:
            guard let totalSize = document.root["total_size"]?.integer, totalSize > 0 else {
                throw .badExtensionMessage(.metadata)
            }
            return (.data(piece: piece, totalSize: totalSize, length: payload.count), payload)
        }
    }

    /// Appends the dictionary. The bytes of a block come behind it.
    public func append(to bytes: inout [UInt8]) {
        let entries: BencodeValue
        switch self {
        case .request(let piece): entries = ["msg_type": .integer(Self.kind.request), "piece": .integer(Int64(piece))]
        case .reject(let piece): entries = ["msg_type": .integer(Self.kind.reject), "piece": .integer(Int64(piece))]
        case .data(let piece, let totalSize, _):
            entries = [
                "msg_type": .integer(Self.kind.data), "piece": .integer(Int64(piece)),
                "total_size": .integer(totalSize),
            ]
        case .unknown: preconditionFailure("nobody says what he does not know")
        }
        entries.encode(into: &bytes)
    }

    /// Bytes that stand behind the dictionary.
    var payloadBytes: Int {
        if case .data(_, _, let length) = self { length } else { 0 }
    }
}
