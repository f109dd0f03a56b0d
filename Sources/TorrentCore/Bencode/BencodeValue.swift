/// A bencoded value by itself: for building what we write, and for short messages (BEP 3).
public enum BencodeValue: Hashable, Sendable {
    /// BEP 3 has no limit to its size; here it has 64 bits.
    case integer(Int64)
    /// Bytes, of any meaning.
    case string([UInt8])
    /// In order, of any kinds.
    case list([BencodeValue])
    case dictionary(BencodeDictionary)

    /// Decodes a whole short message. For a .torrent file use `BencodeDocument`.
    public init(decoding bytes: [UInt8], limits: BencodeLimits = .message) throws(BencodeError) {
        self = try BencodeDocument(bytes, limits: limits).root.value
    }

    /// Its only canonical encoding: keys sorted bytewise, no leading zeros.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    /// Appends the canonical encoding.
    public func encode(into bytes: inout [UInt8]) {
        switch self {
        case .integer(let value):
            bytes.append(UInt8(ascii: "i"))
            bytes.append(decimal: value)
            bytes.append(UInt8(ascii: "e"))
        case .string(let content):
            Self.encode(content, into: &bytes)
        case .list(let values):
            bytes.append(UInt8(ascii: "l"))
            for value in values { value.encode(into: &bytes) }
            bytes.append(UInt8(ascii: "e"))
        case .dictionary(let dictionary):
            bytes.append(UInt8(ascii: "d"))
            for pair in dictionary.pairs {
                Self.encode(pair.key, into: &bytes)
                pair.value.encode(into: &bytes)
            }
            bytes.append(UInt8(ascii: "e"))
        }
    }

    private static func encode(_ content: [UInt8], into bytes: inout [UInt8]) {
        bytes.append(decimal: Int64(content.count))
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: content)
    }

    // MARK: Looking in; nil where it is something else

    /// Nil if it is no integer.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The bytes of a string, of whatever encoding; nil if it is none.
    public var string: [UInt8]? {
        if case .string(let bytes) = self { bytes } else { nil }
    }

    public var dictionary: BencodeDictionary? {
        if case .dictionary(let dictionary) = self { dictionary } else { nil }
    }

    /// The value under `key`, if this is a dictionary that has it.
    public subscript(key: String) -> BencodeValue? { dictionary?[key] }
}

extension BencodeValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(stringLiteral value: String) { self = .text(value) }
    public init(arrayLiteral elements: BencodeValue...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, BencodeValue)...) {
        var dictionary = BencodeDictionary()
        for (key, value) in elements { dictionary[key] = value }
        self = .dictionary(dictionary)
    }

    /// The UTF-8 of `text`.
    public static func text(_ text: String) -> BencodeValue { .string(Array(text.utf8)) }
}

/// Keys and values, always sorted bytewise by key and each key once.
public struct BencodeDictionary: Hashable, Sendable {
    /// One key with its value.
    public struct Pair: Hashable, Sendable {
        public let key: [UInt8]
        public var value: BencodeValue
    }

    public private(set) var pairs: [Pair] = []

    public init() {}

    /// Of keys known to be unique, in any order.
    init(uniquePairs: [Pair]) {
        pairs = uniquePairs
        pairs.sort { $0.key.lexicographicallyPrecedes($1.key) }
    }

    /// Of pairs in any order; of a key that is there twice, the first counts.
    init(_ pairs: [Pair]) {
        let sorted = pairs.enumerated().sorted { left, right in
            left.element.key == right.element.key
                ? left.offset < right.offset : left.element.key.lexicographicallyPrecedes(right.element.key)
        }
        self.pairs.reserveCapacity(pairs.count)
        for (_, pair) in sorted where self.pairs.last?.key != pair.key { self.pairs.append(pair) }
    }

    /// The value under `key`; setting nil removes it.
    public subscript(key: String) -> BencodeValue? {
        get { self[bytes: Array(key.utf8)] }
        set { self[bytes: Array(key.utf8)] = newValue }
    }

    /// The same with a key of any bytes, for example an info hash.
    public subscript(bytes key: [UInt8]) -> BencodeValue? {
        get {
            let position = position(of: key)
            return position < pairs.count && pairs[position].key == key ? pairs[position].value : nil
        }
        set {
            let position = position(of: key)
            let isThere = position < pairs.count && pairs[position].key == key
            switch (newValue, isThere) {
            case (let value?, true): pairs[position].value = value
            case (let value?, false): pairs.insert(Pair(key: key, value: value), at: position)
            case (nil, true): pairs.remove(at: position)
            case (nil, false): break
            }
        }
    }

    /// Where `key` is, or would go.
    private func position(of key: [UInt8]) -> Int {
        var low = 0
        var high = pairs.count
        while low < high {
            let middle = (low + high) / 2
            if pairs[middle].key.lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
