package import ByteStrings

/// What is wrong with bytes that should be JSON (RFC 8259), and at which byte.
package enum JSONError: Error, Hashable, Sendable {
    /// The input ends within a value.
    case unexpectedEnd(at: Int)
    /// Nothing that may stand here begins with this byte.
    case unexpectedByte(UInt8, at: Int)
    /// No digits where there must be some, or a leading zero.
    case badNumber(at: Int)
    /// More than a double holds.
    case numberOutOfRange(at: Int)
    /// A backslash with something unknown behind it.
    case badEscape(at: Int)
    /// Half of a pair of surrogates.
    case loneSurrogate(at: Int)
    /// A control character that is not escaped.
    case control(UInt8, at: Int)
    /// A string that is not UTF-8.
    case notUTF8(at: Int)
    /// An object holds a key twice.
    case duplicateKey(ByteString, at: Int)
    /// Something follows the value.
    case trailingBytes(at: Int)
    case inputTooLong(bytes: Int, limit: Int)
    case tooDeep(limit: Int, at: Int)
    case tooManyValues(limit: Int, at: Int)
}

extension JSONError: CustomStringConvertible {
    /// May hold words of strangers.
    package var description: String {
        switch self {
        case .unexpectedEnd(let at): "ends within a value, at byte \(at)"
        case .unexpectedByte(let byte, let at): "byte 0x\([byte].hex) out of place, at byte \(at)"
        case .badNumber(let at): "malformed number at byte \(at)"
        case .numberOutOfRange(let at): "number out of range at byte \(at)"
        case .badEscape(let at): "unknown escape at byte \(at)"
        case .loneSurrogate(let at): "half of a surrogate pair at byte \(at)"
        case .control(let byte, let at): "control character 0x\([byte].hex) in a string, at byte \(at)"
        case .notUTF8(let at): "a string that is not UTF-8, at byte \(at)"
        case .duplicateKey(let key, let at): "key \"\(key)\" again at byte \(at)"
        case .trailingBytes(let at): "something follows the value, at byte \(at)"
        case .inputTooLong(let bytes, let limit): "\(bytes) bytes, above the limit of \(limit)"
        case .tooDeep(let limit, let at): "nested deeper than \(limit), at byte \(at)"
        case .tooManyValues(let limit, let at): "more than \(limit) values, at byte \(at)"
        }
    }
}
