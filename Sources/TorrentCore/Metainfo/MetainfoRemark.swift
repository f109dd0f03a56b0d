internal import ByteStrings

/// What is odd about a torrent that is used all the same, in words for whoever looks closely.
public enum MetainfoRemark: Hashable, Sendable {
    // MARK: The file
    case bytesBehind(Int)
    /// A dictionary has its keys out of order.
    case unsortedKeys
    case repeatedKeys
    case paddedNumbers
    /// It has a part for version 2 as well (BEP 52).
    case hasVersion2

    // MARK: Its fields
    /// An optional field is of a kind that it cannot have; as if absent.
    case ignored(MetainfoKey, found: BencodeKind)
    /// The same in an entry of `files`.
    case ignoredInFile(Int, MetainfoKey)
    /// So many entries of a list are malformed; as if absent.
    case ignoredEntries(MetainfoKey, count: Int)
    /// A list is longer than what is taken of it.
    case onlyFirst(MetainfoKey, of: Int, limit: Int)
    /// A text is longer than what is kept of it.
    case onlyFirstBytes(MetainfoKey, of: Int, limit: Int)
    /// `private` is neither 0 nor 1; taken as 1.
    case oddPrivate(Int64)
    /// A torrent has one of both (BEP 3); the files count.
    case lengthBesideFiles

    // MARK: Its names
    /// The torrent's name, nil if it has none, cannot be the name of a file. Here and below, of very long names only
    /// the beginning is kept.
    case repairedName([UInt8]?, TorrentPath)
    /// A file's path cannot be used as it is.
    case repairedPath(file: Int, [[UInt8]], TorrentPath)
    /// Another file, or a folder, has the path.
    case takenPath(file: Int, TorrentPath, TorrentPath)
    /// A symbolic link has no bytes (BEP 47), whatever it says.
    case linkWithLength(file: Int)
    /// A symbolic link leads nowhere, or out of the torrent.
    case linkNowhere(file: Int)
}

extension MetainfoRemark: CustomStringConvertible {
    public var description: String {
        switch self {
        case .bytesBehind(1): "a byte behind the torrent is ignored"
        case .bytesBehind(let count): "\(count) bytes behind the torrent are ignored"
        case .unsortedKeys: "its keys are not in order, which some clients refuse"
        case .repeatedKeys: "a key stands twice in one dictionary; the first counts"
        case .paddedNumbers: "a number has zeros before it"
        case .hasVersion2: "its part for BitTorrent v2 is not used"
        case .ignored(let key, let kind): "\"\(key.rawValue)\" is \(kind.noun), and ignored"
        case .ignoredInFile(let file, let key): "\"\(key.rawValue)\" of file \(file + 1) is malformed, and ignored"
        case .ignoredEntries(let key, 1): "an entry of \"\(key.rawValue)\" is malformed, and ignored"
        case .ignoredEntries(let key, let count):
            "\(count) entries of \"\(key.rawValue)\" are malformed, and ignored"
        case .onlyFirst(let key, let count, let limit):
            "\"\(key.rawValue)\" has \(count) entries; the first \(limit) count"
        case .onlyFirstBytes(let key, let count, let limit):
            "\"\(key.rawValue)\" has \(count) bytes; the first \(limit) are kept"
        case .oddPrivate(let value): "\"private\" is \(value), taken as yes"
        case .lengthBesideFiles: "\"length\" beside \"files\" is ignored"
        case .repairedName(nil, let name): "it has no name; \"\(name)\" stands for it"
        case .repairedName(let given?, let name): "the name is \"\(name)\" for \"\(Self.shown(given))\""
        case .repairedPath(let file, let given, let path):
            "file \(file + 1) is \"\(path)\" for \(Self.shown(given))"
        case .takenPath(let file, let given, let path): "file \(file + 1) is \"\(path)\": \"\(given)\" is taken"
        case .linkWithLength(let file): "file \(file + 1) is a symbolic link, and its length is ignored"
        case .linkNowhere(let file): "file \(file + 1) is a symbolic link to nowhere in the torrent"
        }
    }

    private static let namesShown = 16
    private static let bytesShown = 80

    /// As much of a name, or of several, as is ever shown.
    static func kept(_ name: some Collection<UInt8>) -> [UInt8] { Array(name.prefix(bytesShown + 1)) }
    static func kept(_ names: [ArraySlice<UInt8>]) -> [[UInt8]] { names.prefix(namesShown + 1).map { kept($0) } }

    /// Names as the torrent lists them, `["..", "a/b"]`.
    private static func shown(_ names: [[UInt8]]) -> String {
        let first = names.prefix(namesShown).map { "\"\(shown($0))\"" }.joined(separator: ", ")
        return "[\(first)\(names.count > namesShown ? ", …" : "")]"
    }

    private static func shown(_ name: [UInt8]) -> String {
        "\(ByteString(name.prefix(bytesShown)))\(name.count > bytesShown ? "…" : "")"
    }
}

extension BencodeKind {
    fileprivate var noun: String {
        switch self {
        case .integer: "a number"
        case .string: "a string"
        case .list: "a list"
        case .dictionary: "a dictionary"
        }
    }
}

/// Collects remarks: a limited number is kept, the others are counted.
struct MetainfoRemarks: Sendable {
    let limit: Int
    private(set) var kept: [MetainfoRemark] = []
    private(set) var count = 0

    init(limit: Int) {
        self.limit = limit
    }

    mutating func add(_ remark: @autoclosure () -> MetainfoRemark) {
        count += 1
        if kept.count < limit { kept.append(remark()) }
    }
}
