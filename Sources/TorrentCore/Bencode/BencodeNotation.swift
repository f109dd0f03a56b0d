package import ByteStrings

/// Bencode as JSON that a person reads and changes, in the manner of the field's editors: dictionaries are objects in
/// their order, strings that are text stand as they are, and all other strings, such as hashes, in hexadecimal digits:
///
///     {"info":{"length":3,"name":"a.txt","piece length":16384,"pieces":"<hex>A9 99 3E …</hex>"}}
///
/// Each canonical value has one such form, and from that comes back byte for byte.
package enum BencodeNotation {
    static let open = Array("<hex>".utf8)
    static let close = Array("</hex>".utf8)

    /// A value that is canonical: see `isCanonical`.
    package static func json(_ node: BencodeNode) -> JSONDocument {
        switch node.kind {
        case .integer: return .integer(node.integer ?? 0)
        case .string: return .string(text(node.stringBytes ?? []))
        case .list: return .array(node.list?.map { json($0) } ?? [])
        case .dictionary:
            var members: [JSONDocument.Member] = []
            members.reserveCapacity(node.count)
            node.forEachPair { key, value in
                members.append(JSONDocument.Member(text(key.stringBytes ?? []), json(value)))
            }
            return .object(members)
        }
    }

    /// A string as it stands there. What begins like hexadecimal digits is written in them, and so is what has control
    /// characters other than the ends of lines and tabulators.
    package static func text(_ bytes: ArraySlice<UInt8>) -> ByteString {
        guard !bytes.starts(with: open), isText(bytes) else { return ByteString(hex(bytes)) }
        return ByteString(bytes)
    }

    private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x09, 0x0A, 0x0D: true
            case ..<0x20, 0x7F..<0xA0: false
            default: true
            }
        }
    }

    private static func hex(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var output = open
        output.reserveCapacity(open.count + 3 * bytes.count + close.count)
        for (position, byte) in bytes.enumerated() {
            if position > 0 { output.append(UInt8(ascii: " ")) }
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return output + close
    }
}

extension BencodeDocument {
    /// It is written in the only way that BEP 3 allows, and nothing follows: it can be said in another notation and
    /// come back the same.
    package var isCanonical: Bool { irregularities.isEmpty && byteCount == storage.bytes.count }
}
