import ByteStrings

/// Reads JSON by descent. It calls itself once a level, of which there are few: see `JSONLimits`.
struct JSONParser {
    private let bytes: [UInt8]
    private let limits: JSONLimits
    private var position = 0
    private var depth = 0
    private var values = 0

    init(_ bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
        guard bytes.count <= limits.byteCount else {
            throw .inputTooLong(bytes: bytes.count, limit: limits.byteCount)
        }
        self.bytes = bytes
        self.limits = limits
    }

    /// One value from the start to the end.
    mutating func document() throws(JSONError) -> JSONDocument {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw .trailingBytes(at: position) }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONDocument {
        skipSpace()
        guard values < limits.values else { throw .tooManyValues(limit: limits.values, at: position) }
        values += 1
        switch try current() {
        case UInt8(ascii: "{"): return .object(try members())
        case UInt8(ascii: "["): return .array(try elements())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    // MARK: Bytes

    private func current() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw .unexpectedEnd(at: position) }
        return bytes[position]
    }

    /// Steps over `byte`, if that is what comes.
    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: Unicode.Scalar) throws(JSONError) {
        skipSpace()
        let found = try current()
        guard take(byte) else { throw .unexpectedByte(found, at: position) }
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONDocument) throws(JSONError) -> JSONDocument {
        for byte in "\(word)".utf8 {
            let found = try current()
            guard found == byte else { throw .unexpectedByte(found, at: position) }
            position += 1
        }
        return value
    }

    // MARK: Arrays and objects

    private mutating func elements() throws(JSONError) -> [JSONDocument] {
        var elements: [JSONDocument] = []
        try open()
        skipSpace()
        if !take("]") {
            repeat { elements.append(try value()) } while try goesOn(until: "]")
        }
        depth -= 1
        return elements
    }

    private mutating func members() throws(JSONError) -> [JSONDocument.Member] {
        var members: [JSONDocument.Member] = []
        // Asked only whether it holds a key.
        var keys: Set<ByteString> = []
        try open()
        skipSpace()
        if !take("}") {
            repeat {
                skipSpace()
                let start = position
                let found = try current()
                guard found == UInt8(ascii: "\"") else { throw .unexpectedByte(found, at: position) }
                let key = try string()
                guard keys.insert(key).inserted else { throw .duplicateKey(key, at: start) }
                try expect(":")
                members.append(JSONDocument.Member(key, try value()))
            } while try goesOn(until: "}")
        }
        depth -= 1
        return members
    }

    /// Steps over the bracket.
    private mutating func open() throws(JSONError) {
        guard depth < limits.depth else { throw .tooDeep(limit: limits.depth, at: position) }
        depth += 1
        position += 1
    }

    /// True behind a comma, false behind `end`.
    private mutating func goesOn(until end: Unicode.Scalar) throws(JSONError) -> Bool {
        skipSpace()
        if take(",") { return true }
        try expect(end)
        return false
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> ByteString {
        position += 1
        var text: [UInt8] = []
        // What needs no second look is taken in one go.
        var plain = position
        while true {
            let byte = try current()
            switch byte {
            case UInt8(ascii: "\""):
                text += bytes[plain..<position]
                position += 1
                return ByteString(text)
            case UInt8(ascii: "\\"):
                text += bytes[plain..<position]
                text += String(try escape()).utf8
                plain = position
            case 0..<0x20: throw .control(byte, at: position)
            case 0x20..<0x80: position += 1
            default:
                let element = UTF8Element(in: bytes, at: position)
                guard element.scalar != nil else { throw .notUTF8(at: position) }
                position += element.length
            }
        }
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        position += 1
        let letter = try current()
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try escapedScalar(from: start)
        default: throw .badEscape(at: start)
        }
    }

    /// Four hexadecimal digits, or twice four: a pair of surrogates.
    private mutating func escapedScalar(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let unit = try codeUnit(from: start)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), take("\\"), take("u") else { throw .loneSurrogate(at: start) }
        let low = try codeUnit(from: start)
        guard UTF16.isTrailSurrogate(low) else { throw .loneSurrogate(at: start) }
        let value = 0x1_0000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        guard let scalar = Unicode.Scalar(value) else { throw .loneSurrogate(at: start) }
        return scalar
    }

    private mutating func codeUnit(from start: Int) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = UInt8(hexDigit: try current()) else { throw .badEscape(at: start) }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) -> JSONDocument {
        let start = position
        let isNegative = take("-")
        // A minus alone is half a number; anything else is none.
        guard let whole = digits() else {
            let found = try current()
            throw isNegative ? .badNumber(at: start) : .unexpectedByte(found, at: position)
        }
        guard whole.count == 1 || bytes[whole.lowerBound] != UInt8(ascii: "0") else { throw .badNumber(at: start) }
        var isWhole = true
        if take(".") {
            isWhole = false
            try require(digits(), from: start)
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            try require(digits(), from: start)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw .numberOutOfRange(at: start) }
        return .number(number)
    }

    private func require(_ digits: Range<Int>?, from start: Int) throws(JSONError) {
        guard digits == nil else { return }
        _ = try current()
        throw .badNumber(at: start)
    }

    /// Nil if there is none.
    private mutating func digits() -> Range<Int>? {
        let start = position
        while position < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position] { position += 1 }
        return position > start ? start..<position : nil
    }
}
