package import ByteStrings

/// A JSON value whose objects keep the order of their keys.
package enum JSONValue: Sendable, Equatable {
    /// What is not known, or does not apply.
    case null
    /// True or false.
    case bool(Bool)
    /// Written in digits, without a fraction.
    case integer(Int64)
    /// Written with a fraction; null if it is not finite.
    case number(Double)
    /// Text of anybody: what JSON cannot hold raw is escaped.
    case string(String)
    /// What names a file. Where it is no UTF-8, the string shows stray bytes as `\xe9`, and the object that has it, or
    /// an array of it, has a further member: `path_bytes` beside `path`, with the exact bytes in hexadecimal digits.
    case bytes(ByteString)
    /// In order.
    case array([JSONValue])
    /// In the order in which the members are written; no key twice.
    case object([Member])

    /// A key and its value.
    package struct Member: Sendable, Equatable {
        package let key: String
        package let value: JSONValue

        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// One line of UTF-8, without spaces between its parts and without a line break.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    private func write(to text: inout [UInt8]) {
        switch self {
        case .null: text += "null".utf8
        case .bool(let value): text += (value ? "true" : "false").utf8
        case .integer(let value): text += String(value).utf8
        case .number(let value): text += Self.literal(value).utf8
        case .string(let value): Self.writeString(value, to: &text)
        case .bytes(let value): Self.writeString(value.description, to: &text)
        case .array(let values):
            text.append(UInt8(ascii: "["))
            for (position, value) in values.enumerated() {
                if position > 0 { text.append(UInt8(ascii: ",")) }
                value.write(to: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .object(let members):
            text.append(UInt8(ascii: "{"))
            for (position, member) in members.enumerated() {
                if position > 0 { text.append(UInt8(ascii: ",")) }
                Self.write(member.key, member.value, to: &text)
                guard let exact = member.value.exactBytes else { continue }
                text.append(UInt8(ascii: ","))
                Self.write(member.key + "_bytes", exact, to: &text)
            }
            text.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ key: String, _ value: JSONValue, to text: inout [UInt8]) {
        writeString(key, to: &text)
        text.append(UInt8(ascii: ":"))
        value.write(to: &text)
    }

    /// The exact bytes of what a JSON string cannot express; nil if it can. For an array, the bytes of each.
    private var exactBytes: JSONValue? {
        switch self {
        case .bytes(let value): value.text == nil ? .string(value.hex) : nil
        case .array(let values):
            values.contains { $0.exactBytes != nil }
                ? .array(values.map { if case .bytes(let value) = $0 { .string(value.hex) } else { .null } }) : nil
        default: nil
        }
    }

    /// JSON has neither infinity nor NaN; Swift's shortest form is otherwise a JSON number.
    private static func literal(_ value: Double) -> String {
        value.isFinite ? "\(value)" : "null"
    }

    /// All that could steer a terminal is escaped, too, since people read these lines.
    private static func writeString(_ value: String, to text: inout [UInt8]) {
        let form = JSONString.Form.readable { SafeText.isHarmless($0, $0.properties.generalCategory) }
        JSONString.append(value, form, to: &text)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}
