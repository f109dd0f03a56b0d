/// What the system hands over where a person sees text: an argument, a variable, a path, a name in a folder.
///
/// Bytes, which are mostly UTF-8 and need not be, and are compared as such: `String` would repair what is none, take
/// two spellings of one letter for equal, and not see a `/` before a combining mark.
public struct ByteString: Hashable, Sendable {
    /// As the system has them; not checked to be UTF-8.
    public var bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    public init(_ text: String) { bytes = Array(text.utf8) }

    public var isEmpty: Bool { bytes.isEmpty }

    /// As text, byte for byte; nil if it is no UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }

    /// Two lowercase hexadecimal digits a byte.
    public var hex: String {
        bytes.reduce(into: "") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
    }

    public static func + (left: ByteString, right: ByteString) -> ByteString {
        ByteString(left.bytes + right.bytes)
    }

    public static func == (left: ByteString, right: String) -> Bool { left.bytes.elementsEqual(right.utf8) }

    /// The bytes of `prefix`, not its characters.
    public func hasPrefix(_ prefix: String) -> Bool { bytes.starts(with: prefix.utf8) }

    /// What follows the first `count` bytes; empty if there are no more.
    public func dropFirst(_ count: Int) -> ByteString { ByteString(bytes.dropFirst(count)) }

    /// The parts between the bytes `separator`, empty ones included.
    public func split(separator: Unicode.Scalar, maxSplits: Int = .max) -> [ByteString] {
        bytes.split(separator: UInt8(ascii: separator), maxSplits: maxSplits, omittingEmptySubsequences: false)
            .map { ByteString($0) }
    }

    /// Calls `body` with the characters and the zero behind them that the system wants to see.
    public func withCharacters<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        // A path that is cut short at a zero would be another path.
        precondition(!bytes.contains(0), "a zero within a string for the system")
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { characters in
            guard let start = characters.baseAddress else { preconditionFailure("room for the zero") }
            unsafe UnsafeMutableRawBufferPointer(characters).copyBytes(from: bytes)
            unsafe characters[bytes.count] = 0
            return unsafe body(start)
        }
    }

    /// The bytes at `characters` up to the zero behind them.
    public init(characters: UnsafePointer<CChar>) {
        var bytes: [UInt8] = []
        var next = unsafe characters
        while unsafe next.pointee != 0 {
            unsafe bytes.append(UInt8(bitPattern: next.pointee))
            unsafe next += 1
        }
        self.bytes = bytes
    }
}

extension ByteString: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self.init(value) }
}

extension ByteString: ExpressibleByStringInterpolation {
    public init(stringInterpolation: Interpolation) { bytes = stringInterpolation.bytes }

    /// Puts bytes in as they are.
    public struct Interpolation: StringInterpolationProtocol {
        fileprivate var bytes: [UInt8] = []

        public init(literalCapacity: Int, interpolationCount: Int) { bytes.reserveCapacity(literalCapacity) }

        public mutating func appendLiteral(_ literal: String) { bytes += literal.utf8 }
        public mutating func appendInterpolation(_ value: ByteString) { bytes += value.bytes }
        public mutating func appendInterpolation(_ value: [UInt8]) { bytes += value }
        public mutating func appendInterpolation(_ value: String) { bytes += value.utf8 }
        public mutating func appendInterpolation(_ value: some BinaryInteger) { bytes += String(value).utf8 }
    }
}

extension ByteString: Comparable {
    /// Byte by byte.
    public static func < (left: ByteString, right: ByteString) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension ByteString: CustomStringConvertible {
    /// To be read, not to be used: each byte that is no part of a UTF-8 character is shown as `\xe9`. Through the gate
    /// for untrusted text before it comes to a terminal.
    public var description: String {
        if let text { return text }
        var shown = String.UnicodeScalarView()
        var at = 0
        while at < bytes.count {
            let element = UTF8Element(in: bytes, at: at)
            if let scalar = element.scalar {
                shown.append(scalar)
            } else {
                let digits = String(bytes[at], radix: 16)
                shown.append(contentsOf: (digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)").unicodeScalars)
            }
            at += element.length
        }
        return String(shown)
    }
}
