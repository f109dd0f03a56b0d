/// Bencode that has been checked whole, kept as its bytes and a flat table of where each value lies, so that a
/// torrent of 100,000 files opens without an allocation a value, and the raw bytes of a value can be hashed (BEP 3).
public struct BencodeDocument: Sendable {
    /// Where one value lies. A list or dictionary is followed in the table by what it holds.
    struct Entry: Sendable, BitwiseCopyable {
        var kind: BencodeKind
        var start: UInt32
        /// One past the value's last byte.
        var end: UInt32
        /// Position in the table of what follows this value and all that it holds.
        var next: UInt32
        /// An integer's value, where a string's bytes begin, or how many values are directly within.
        var detail: Int64
    }

    final class Storage: Sendable {
        let bytes: [UInt8]
        let entries: [Entry]

        init(bytes: [UInt8], entries: [Entry]) {
            self.bytes = bytes
            self.entries = entries
        }
    }

    let storage: Storage
    /// Bytes that the value takes; less than the input only where bytes after it were allowed.
    public let byteCount: Int
    /// How its encoding differs from what BEP 3 asks for.
    public let irregularities: BencodeIrregularities

    /// Checks all of `bytes`. With `allowsTrailing`, other bytes may follow the value (BEP 9 messages). Accepts all
    /// `irregularities` if tolerant, else unsorted keys alone.
    public init(
        _ bytes: [UInt8], limits: BencodeLimits = .message, allowsTrailing: Bool = false, isTolerant: Bool = false
    ) throws(BencodeError) {
        var parser = try BencodeParser(bytes, limits: limits, isTolerant: isTolerant)
        try parser.parse(allowsTrailing: allowsTrailing)
        storage = Storage(bytes: bytes, entries: parser.entries)
        byteCount = parser.position
        irregularities = parser.irregularities
    }

    /// The outermost value.
    public var root: BencodeNode { BencodeNode(storage: storage, position: 0) }
}

/// Deviations from canonical bencode (BEP 3) that leave the meaning clear, as they are found in .torrent files.
public struct BencodeIrregularities: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A dictionary has its keys out of order.
    public static let unsortedKeys = BencodeIrregularities(rawValue: 1)
    /// A dictionary has a key twice: the first counts.
    public static let repeatedKeys = BencodeIrregularities(rawValue: 2)
    /// A number has zeros before it, or is minus zero.
    public static let paddedNumbers = BencodeIrregularities(rawValue: 4)
}

/// The four kinds of bencoded values.
public enum BencodeKind: UInt8, Hashable, Sendable, BitwiseCopyable {
    case integer, string, list, dictionary
}

/// One value within a `BencodeDocument`.
public struct BencodeNode: Sendable {
    let storage: BencodeDocument.Storage
    let position: Int

    private var entry: BencodeDocument.Entry { storage.entries[position] }

    public var kind: BencodeKind { entry.kind }

    /// The bytes of the document that encode this value: what an info hash is taken over.
    public var rawRange: Range<Int> { Int(entry.start)..<Int(entry.end) }
    /// A copy of those bytes.
    public var rawBytes: [UInt8] { Array(storage.bytes[rawRange]) }

    /// Nil if it is no integer.
    public var integer: Int64? { kind == .integer ? entry.detail : nil }

    /// Where the bytes of a string lie in the document; nil if it is no string.
    public var stringRange: Range<Int>? { kind == .string ? Int(entry.detail)..<Int(entry.end) : nil }

    /// A copy of the bytes of a string; nil if it is no string.
    public var string: [UInt8]? { stringRange.map { Array(storage.bytes[$0]) } }

    /// The bytes of a string where they lie; nil if it is no string. Keeps the document.
    public var stringBytes: ArraySlice<UInt8>? { stringRange.map { storage.bytes[$0] } }

    /// A string as text, malformed UTF-8 replaced: for showing, not for deciding; nil if it is no string.
    public var text: String? { stringRange.map { String(decoding: storage.bytes[$0], as: UTF8.self) } }

    /// How many values a list, or how many pairs a dictionary holds; 0 for the others.
    public var count: Int {
        switch kind {
        case .list: Int(entry.detail)
        case .dictionary: Int(entry.detail) / 2
        case .integer, .string: 0
        }
    }

    /// What a list holds, in order; nil if it is no list.
    public var list: BencodeList? { kind == .list ? BencodeList(node: self) : nil }

    /// The value under `key`; nil if there is none or this is no dictionary. Takes time with the number of keys.
    public subscript(key: String) -> BencodeNode? {
        var found: BencodeNode?
        forEachPair { name, value in
            if found == nil, let bytes = name.stringBytes, bytes.elementsEqual(key.utf8) { found = value }
        }
        return found
    }

    /// Calls `body` with each key and value of a dictionary, in the order of the document.
    public func forEachPair(_ body: (BencodeNode, BencodeNode) -> Void) {
        guard kind == .dictionary else { return }
        var at = position + 1
        let end = Int(entry.next)
        while at < end {
            // A key is a string, so its value is the next entry.
            body(BencodeNode(storage: storage, position: at), BencodeNode(storage: storage, position: at + 1))
            at = Int(storage.entries[at + 1].next)
        }
    }

    /// Whether it is a string of exactly these bytes.
    public func stringEquals(_ text: StaticString) -> Bool { kind == .string && isKey(text, at: position) }

    // The same walk over a dictionary as `forEachPair`, by positions in the table: each key's value is the next one.

    /// The first key of a dictionary.
    var firstKey: Int? { entry.next > position + 1 ? position + 1 : nil }

    /// The key after that at `key`.
    func key(after key: Int) -> Int? {
        let next = storage.entries[key + 1].next
        return next < entry.next ? Int(next) : nil
    }

    /// Whether the string at `key` is of exactly these bytes.
    func isKey(_ text: StaticString, at key: Int) -> Bool {
        let entry = storage.entries[key]
        let range = Int(entry.detail)..<Int(entry.end)
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { unsafe storage.bytes[range].elementsEqual($0) }
    }

    /// A copy as a free-standing value.
    public var value: BencodeValue {
        switch kind {
        case .integer: return .integer(entry.detail)
        case .string: return .string(string ?? [])
        case .list: return .list(BencodeList(node: self).map(\.value))
        case .dictionary:
            var pairs: [BencodeDictionary.Pair] = []
            pairs.reserveCapacity(count)
            forEachPair { key, value in
                pairs.append(BencodeDictionary.Pair(key: key.string ?? [], value: value.value))
            }
            return .dictionary(BencodeDictionary(pairs))
        }
    }
}

/// What a bencoded list holds, in order.
public struct BencodeList: Sequence, Sendable {
    let node: BencodeNode

    public var count: Int { node.count }
    public var underestimatedCount: Int { node.count }

    public func makeIterator() -> Iterator {
        Iterator(
            storage: node.storage, position: node.position + 1,
            end: Int(node.storage.entries[node.position].next))
    }

    /// Walks through it in order.
    public struct Iterator: IteratorProtocol {
        let storage: BencodeDocument.Storage
        var position: Int
        let end: Int

        public mutating func next() -> BencodeNode? {
            guard position < end else { return nil }
            defer { position = Int(storage.entries[position].next) }
            return BencodeNode(storage: storage, position: position)
        }
    }
}
