/// What is wrong with bytes that should be bencode (BEP 3), and at which byte.
public enum BencodeError: Error, Hashable, Sendable {
    /// The input ends within a value.
    case unexpectedEnd(at: Int)
    /// No value, length or end starts with this byte.
    case unexpectedByte(UInt8, at: Int)
    /// No digits, a leading zero, or minus zero.
    case integerNotCanonical(at: Int)
    /// More than 64 bits hold.
    case integerOutOfRange(at: Int)
    /// A string's length has a leading zero.
    case lengthNotCanonical(at: Int)
    /// A string claims more bytes than there are.
    case stringBeyondEnd(length: Int, available: Int, at: Int)
    /// A dictionary's key is no byte string.
    case keyNotString(at: Int)
    /// A dictionary ends after a key.
    case valueMissing(at: Int)
    /// A dictionary holds a key twice.
    case duplicateKey([UInt8], at: Int)
    /// Bytes follow the value.
    case trailingBytes(count: Int, at: Int)
    case inputTooLong(bytes: Int, limit: Int)
    case tooDeep(limit: Int, at: Int)
    case tooManyItems(limit: Int, at: Int)
}

extension BencodeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unexpectedEnd(let at): "ends within a value, at byte \(at)"
        case .unexpectedByte(let byte, let at): "byte 0x\([byte].hex) begins no value, at byte \(at)"
        case .integerNotCanonical(let at): "malformed integer at byte \(at)"
        case .integerOutOfRange(let at): "integer above 64 bits at byte \(at)"
        case .lengthNotCanonical(let at): "malformed string length at byte \(at)"
        case .stringBeyondEnd(let length, let available, let at):
            "a string of \(length) bytes at byte \(at), but only \(available) are left"
        case .keyNotString(let at): "a key that is no string, at byte \(at)"
        case .valueMissing(let at): "a key without a value, at byte \(at)"
        case .duplicateKey(let key, let at): "key \"\(String(decoding: key, as: UTF8.self))\" again at byte \(at)"
        case .trailingBytes(let count, let at): "\(count) bytes after the end, at byte \(at)"
        case .inputTooLong(let bytes, let limit): "\(bytes) bytes, above the limit of \(limit)"
        case .tooDeep(let limit, let at): "nested deeper than \(limit), at byte \(at)"
        case .tooManyItems(let limit, let at): "more than \(limit) items, at byte \(at)"
        }
    }
}
