package import ByteStrings

/// Parses the bytes of an option or argument, or says what was expected.
package struct ValueParser<Value>: Sendable {
    /// Ends the sentence "... is not": "a rate (for example 500K, 2M or 8Mbit)".
    package let expected: String
    private let read: @Sendable (ByteString) -> Value?

    /// For text: bytes that are no UTF-8 are refused.
    package init(expected: String, parse: @escaping @Sendable (String) -> Value?) {
        self.expected = expected
        read = { bytes in bytes.text.flatMap(parse) }
    }

    /// For what may be any bytes.
    package init(expected: String, bytes read: @escaping @Sendable (ByteString) -> Value?) {
        self.expected = expected
        self.read = read
    }

    /// Nil if the bytes are not what was expected.
    package func parse(_ bytes: ByteString) -> Value? { read(bytes) }

    /// The same for text.
    package func parse(_ text: String) -> Value? { read(ByteString(text)) }
}

extension ValueParser<Int> {
    /// A whole number within `range`.
    package static func integer(_ range: ClosedRange<Int>) -> ValueParser<Int> {
        ValueParser(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            guard let value = Int(text), range.contains(value) else { return nil }
            return value
        }
    }
}

extension ValueParser<Int64> {
    /// Bytes: `500K`, `2M`, `1GiB`, `1.5MB`. Units are powers of 1,024; without one it is bytes.
    package static var size: ValueParser<Int64> {
        ValueParser(expected: "a size (for example 500K, 2M or 1GiB)") { text in
            ScaledNumber(text)?.bytes
        }
    }

    /// Bytes a second: `500K`, `2M`, `2MiB/s`, `8Mbit` (bits in powers of 1,000). 0 is no limit.
    package static var rate: ValueParser<Int64> {
        ValueParser(expected: "a rate (for example 500K, 2M or 8Mbit)") { text in
            guard let number = ScaledNumber(text.hasSuffix("/s") ? String(text.dropLast(2)) : text) else { return nil }
            return number.bits ?? number.bytes
        }
    }
}

extension ValueParser<Double> {
    /// A share ratio: not negative.
    package static var ratio: ValueParser<Double> {
        ValueParser(expected: "a ratio (for example 1.5)") { text in
            guard let value = Double(text), value.isFinite, value >= 0, ScaledNumber.isPlain(text) else { return nil }
            return value
        }
    }
}

extension ValueParser<Duration> {
    /// `90`, in units of `unit`; or with a unit of its own: `90s`, `10m`, `2h`, `1d`, `1.5h`.
    package static func duration(unit: Duration) -> ValueParser<Duration> {
        ValueParser(expected: "a duration (for example 90s, 10m or 2h)") { text in
            let units: [Character: Duration] = [
                "s": .seconds(1), "m": .seconds(60), "h": .seconds(3_600), "d": .seconds(86_400),
            ]
            let named = text.last.flatMap { units[$0] }
            let digits = named == nil ? text : String(text.dropLast())
            guard ScaledNumber.isPlain(digits), let value = Double(digits), value <= 1e9 else { return nil }
            return (named ?? unit) * value
        }
    }
}

extension ValueParser<UInt16> {
    /// 0 lets the system choose.
    package static var port: ValueParser<UInt16> {
        ValueParser(expected: "a port (0 to 65535)") { ScaledNumber.isPlain($0) ? UInt16($0) : nil }
    }
}

extension ValueParser<ByteString> {
    /// Any path that is not empty.
    package static var path: ValueParser<ByteString> {
        ValueParser(expected: "a path with something in it", bytes: { $0.isEmpty ? nil : $0 })
    }
}

extension ValueParser<String> {
    /// Any text, also an empty one.
    package static var text: ValueParser<String> { ValueParser(expected: "a text in UTF-8") { $0 } }

    /// A URL with one of `schemes` and a host. The rest is checked by its user.
    package static func url(schemes: [String]) -> ValueParser<String> {
        let list = schemes.map { $0 + "://" }.joined(separator: ", ")
        return ValueParser(expected: "a URL that begins with \(list)") { text in
            // By scalars: a combining mark makes another Character of what stands before it.
            let scalars = text.unicodeScalars
            guard let end = scalars.firstRange(of: "://".unicodeScalars),
                schemes.contains(text[..<end.lowerBound].lowercased()),
                let first = scalars[end.upperBound...].first, first != "/", first != ":",
                scalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
            else { return nil }
            return text
        }
    }
}
