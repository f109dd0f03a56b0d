package import ByteStrings

extension BencodeNotation {
    /// The bencode of what `text` says: the notation itself, or an object that holds it as `metainfo`, as
    /// `show --json` prints it.
    package static func torrent(_ text: [UInt8]) throws(BencodeNotationError) -> [UInt8] {
        let limits = BencodeLimits.metainfo
        let json: JSONDocument
        do throws(JSONError) {
            json = try JSONDocument(
                parsing: text,
                // The object around it, and the lists beside it, count too.
                limits: JSONLimits(byteCount: limits.byteCount, depth: limits.depth + 1, values: limits.items))
        } catch { throw .notJSON(error) }
        guard json.members != nil else { throw .noTorrent }
        guard json["info"] == nil, let metainfo = json["metainfo"] else { return try bencode(json) }
        guard metainfo.members != nil else { throw .noMetainfo }
        return try bencode(metainfo)
    }

    /// The canonical bencode of a value.
    package static func bencode(_ json: JSONDocument) throws(BencodeNotationError) -> [UInt8] {
        var writer = NotationWriter()
        try writer.write(json)
        return writer.bytes
    }
}

/// Writes bencode, and knows at which place in the value it is.
private struct NotationWriter {
    private(set) var bytes: [UInt8] = []
    private var place: [Step] = []

    /// The way from a value to one within.
    private enum Step {
        case key(ByteString)
        case index(Int)
    }

    mutating func write(_ json: JSONDocument) throws(BencodeNotationError) {
        switch json {
        case .null: throw .noSuchValue("null", at: path)
        case .bool(let value): throw .noSuchValue("\(value)", at: path)
        case .number: throw .noInteger(at: path)
        case .integer(let value): BencodeValue.integer(value).encode(into: &bytes)
        case .string(let text): try write(text)
        case .array(let values):
            bytes.append(UInt8(ascii: "l"))
            for (position, value) in values.enumerated() { try step(.index(position), value) }
            bytes.append(UInt8(ascii: "e"))
        case .object(let members): try write(members)
        }
    }

    private mutating func write(_ members: [JSONDocument.Member]) throws(BencodeNotationError) {
        bytes.append(UInt8(ascii: "d"))
        var last: (key: [UInt8], text: ByteString)?
        for member in members {
            let key = try string(member.key)
            if let last, !last.key.lexicographicallyPrecedes(key) {
                throw last.key == key
                    ? .keyTwice(member.key, at: path) : .keyOutOfOrder(member.key, after: last.text, at: path)
            }
            last = (key, member.key)
            append(key)
            try step(.key(member.key), member.value)
        }
        bytes.append(UInt8(ascii: "e"))
    }

    private mutating func step(_ step: Step, _ value: JSONDocument) throws(BencodeNotationError) {
        place.append(step)
        try write(value)
        place.removeLast()
    }

    private mutating func write(_ text: ByteString) throws(BencodeNotationError) { append(try string(text)) }

    private mutating func append(_ string: [UInt8]) {
        bytes.append(decimal: Int64(string.count))
        bytes.append(UInt8(ascii: ":"))
        bytes += string
    }

    /// The bytes that a string stands for. Spaces between the digits are as one likes.
    private func string(_ text: ByteString) throws(BencodeNotationError) -> [UInt8] {
        let (open, close) = (BencodeNotation.open, BencodeNotation.close)
        guard text.bytes.starts(with: open) else { return text.bytes }
        let rest = text.bytes.dropFirst(open.count)
        guard rest.count >= close.count, rest.suffix(close.count).elementsEqual(close) else {
            throw .badHex(at: path)
        }
        var string: [UInt8] = []
        var high: UInt8?
        for byte in rest.dropLast(close.count) {
            if byte == UInt8(ascii: " "), high == nil { continue }
            guard let digit = UInt8(hexDigit: byte) else { throw .badHex(at: path) }
            if let first = high { string.append(first << 4 | digit) }
            high = high == nil ? digit : nil
        }
        guard high == nil else { throw .badHex(at: path) }
        return string
    }

    /// `info.files[3].length`, for whoever looks for it.
    private var path: ByteString {
        var path: ByteString = ""
        for step in place {
            switch step {
            case .index(let index): path = "\(path)[\(index)]"
            case .key(let key): path = path.isEmpty ? key : "\(path).\(key)"
            }
        }
        return path
    }
}

/// What is wrong with JSON that should be the notation of a torrent, and where: as in `info.files[3].length`.
package enum BencodeNotationError: Error, Hashable, Sendable {
    case notJSON(JSONError)
    /// It is no object.
    case noTorrent
    /// `metainfo` is no object.
    case noMetainfo
    /// Bencode knows no such value.
    case noSuchValue(String, at: ByteString)
    /// A number with a fraction or an exponent, or beyond 64 bits.
    case noInteger(at: ByteString)
    /// `<hex>` without pairs of digits, or without its end.
    case badHex(at: ByteString)
    case keyTwice(ByteString, at: ByteString)
    case keyOutOfOrder(ByteString, after: ByteString, at: ByteString)
}

extension BencodeNotationError: CustomStringConvertible {
    /// May hold words of strangers.
    package var description: String {
        switch self {
        case .notJSON(let error): "not JSON: \(error)"
        case .noTorrent: "not a torrent: no object"
        case .noMetainfo: "\"metainfo\" is no object: what it was too large or too odd for, only the .torrent holds"
        case .noSuchValue(let value, let place): "\(Self.name(place)) is \(value), which no torrent can hold"
        case .noInteger(let place): "\(Self.name(place)) is no integer of 64 bits"
        case .badHex(let place): "\(Self.name(place)): pairs of digits belong between <hex> and </hex>"
        case .keyTwice(let key, let place): "\(Self.name(place)) has the key \"\(key)\" twice"
        case .keyOutOfOrder(let key, let before, let place):
            "\(Self.name(place)): \"\(key)\" belongs before \"\(before)\", as keys are sorted by their bytes"
        }
    }

    private static func name(_ place: ByteString) -> String { place.isEmpty ? "the outermost value" : "\(place)" }
}
