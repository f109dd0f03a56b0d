package import ByteStrings

/// A value of JSON (RFC 8259) that was read, with all it holds.
///
/// Our own reader: Foundation's would multiply the size of the programs.
package enum JSONDocument: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// Digits without a fraction or an exponent, as far as 64 bits hold them.
    case integer(Int64)
    /// Any other number, finite.
    case number(Double)
    /// The text without its escapes; always UTF-8.
    case string(ByteString)
    /// In order.
    case array([JSONDocument])
    /// In the order of the text; no key twice.
    case object([Member])

    /// A key and its value.
    package struct Member: Hashable, Sendable {
        package let key: ByteString
        package let value: JSONDocument

        package init(_ key: ByteString, _ value: JSONDocument) {
            self.key = key
            self.value = value
        }
    }

    /// Reads one value, with nothing but white space around it, and nothing more lenient than RFC 8259. A key that
    /// occurs twice in an object, and half of a surrogate pair, are refused: they mean something else to each reader.
    package init(parsing bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        var parser = try JSONParser(bytes, limits: limits)
        self = try parser.document()
    }
}

extension JSONDocument {
    /// The value of a key; nil if there is none, or if this is no object. Looks at each member in turn.
    package subscript(key: String) -> JSONDocument? { members?.first { $0.key == key }?.value }

    /// The bytes of a string; nil for all else.
    package var string: ByteString? { if case .string(let value) = self { value } else { nil } }

    /// A string as text; nil for all else.
    package var text: String? { string?.text }

    /// An integer; nil for all else.
    package var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

    /// A number of either kind; nil for all else.
    package var number: Double? {
        switch self {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// True or false; nil for all else.
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The elements of an array; nil for all else.
    package var array: [JSONDocument]? { if case .array(let values) = self { values } else { nil } }

    /// The members of an object; nil for all else.
    package var members: [Member]? { if case .object(let members) = self { members } else { nil } }
}
