/// JSON as RFC 8259 has it, and nothing more lenient: strings, lists of them, and what holds them.
enum StrictJSON: Equatable {
    /// By its bytes: Swift takes two spellings of one letter for the same text.
    case string([UInt8])
    case array([StrictJSON])
    case object([Member])

    struct Member: Equatable {
        let key: [UInt8]
        let value: StrictJSON
    }

    /// Nil if `bytes` are not UTF-8, or not one whole value without spaces around its parts.
    init?(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var rest = text.unicodeScalars[...]
        guard let value = Self.value(&rest), rest.isEmpty else { return nil }
        self = value
    }

    private typealias Scalars = Substring.UnicodeScalarView

    private static func value(_ rest: inout Scalars) -> StrictJSON? {
        switch rest.first {
        case "\"": return string(&rest).map { .string($0) }
        case "[": return list(&rest, until: "]") { value(&$0) }.map { .array($0) }
        case "{": return list(&rest, until: "}") { member(&$0) }.map { .object($0) }
        default: return nil
        }
    }

    private static func member(_ rest: inout Scalars) -> Member? {
        guard let key = string(&rest), rest.popFirst() == ":", let value = value(&rest) else { return nil }
        return Member(key: key, value: value)
    }

    private static func list<Element>(
        _ rest: inout Scalars, until end: Unicode.Scalar, element: (inout Scalars) -> Element?
    ) -> [Element]? {
        rest.removeFirst()
        var elements: [Element] = []
        if rest.first == end {
            rest.removeFirst()
            return elements
        }
        while let next = element(&rest) {
            elements.append(next)
            let mark = rest.popFirst()
            if mark == end { return elements }
            guard mark == "," else { return nil }
        }
        return nil
    }

    private static func string(_ rest: inout Scalars) -> [UInt8]? {
        guard rest.popFirst() == "\"" else { return nil }
        var text: [UInt8] = []
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return text
            case "\\":
                guard let escaped = escape(&rest) else { return nil }
                text += String(escaped).utf8
            case ..."\u{1F}": return nil
            default: text += String(scalar).utf8
            }
        }
        return nil
    }

    /// What stands behind a backslash. Half of a pair of surrogates is none.
    private static func escape(_ rest: inout Scalars) -> Unicode.Scalar? {
        switch rest.popFirst() {
        case "\"": return "\""
        case "\\": return "\\"
        case "/": return "/"
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            guard let unit = unit(&rest) else { return nil }
            if let scalar = Unicode.Scalar(unit) { return scalar }
            guard UTF16.isLeadSurrogate(unit), rest.popFirst() == "\\", rest.popFirst() == "u",
                let low = Self.unit(&rest), UTF16.isTrailSurrogate(low)
            else { return nil }
            return Unicode.Scalar(0x1_0000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        default: return nil
        }
    }

    /// Four hexadecimal digits.
    private static func unit(_ rest: inout Scalars) -> UInt16? {
        let digits = rest.prefix(4)
        guard digits.count == 4, digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
        rest.removeFirst(4)
        return UInt16(String(digits), radix: 16)
    }
}
