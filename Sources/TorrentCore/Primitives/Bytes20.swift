/// Twenty bytes by value: what info hashes, peer ids and SHA-1 digests share. Trivial, so copying it costs nothing.
public struct Bytes20: Hashable, Sendable, BitwiseCopyable, Comparable {
    /// Bytes 0 to 7, 8 to 15 and 16 to 19, each read big-endian, so that comparing words compares bytes.
    public let words: (high: UInt64, middle: UInt64, low: UInt32)

    public static let zero = Bytes20(high: 0, middle: 0, low: 0)

    /// From its words; see `words`.
    public init(high: UInt64, middle: UInt64, low: UInt32) {
        words = (high, middle, low)
    }

    /// The first twenty bytes of `span`, from `offset` on; nil if there are fewer.
    public init?(_ span: RawSpan, at offset: Int = 0) {
        guard offset >= 0, span.byteCount - offset >= 20 else { return nil }
        self.init(high: span.uint64(at: offset), middle: span.uint64(at: offset + 8), low: span.uint32(at: offset + 16))
    }

    /// The first twenty of `array`; nil if there are fewer.
    public init?(_ array: [UInt8]) {
        guard let bytes = array.withBytes({ Bytes20($0) }) else { return nil }
        self = bytes
    }

    /// Forty hexadecimal digits of either case; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard let bytes = [UInt8](hex: hex), bytes.count == 20 else { return nil }
        self.init(bytes)
    }

    /// Twenty bytes, in the order of the wire.
    public var array: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20)
        append(to: &bytes)
        return bytes
    }

    /// Appends twenty bytes, in the order of the wire.
    public func append(to bytes: inout [UInt8]) {
        unsafe bytes.append(count: 20) { output in unsafe store(in: output, at: 0) }
    }

    /// Writes twenty bytes from `offset` on.
    @inline(__always)
    func store(in output: UnsafeMutableRawBufferPointer, at offset: Int) {
        unsafe output.store(bigEndian: words.high, at: offset)
        unsafe output.store(bigEndian: words.middle, at: offset + 8)
        unsafe output.store(bigEndian: words.low, at: offset + 16)
    }

    public static func == (left: Bytes20, right: Bytes20) -> Bool {
        left.words == right.words
    }

    public static func < (left: Bytes20, right: Bytes20) -> Bool {
        left.words < right.words
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.high)
        hasher.combine(words.middle)
        hasher.combine(words.low)
    }
}

/// A name for twenty bytes that mean one thing: an `InfoHash` is no `PeerID`.
public protocol Bytes20Value: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The value without its meaning.
    var bytes: Bytes20 { get }
    init(_ bytes: Bytes20)
}

extension Bytes20Value {
    /// Twenty bytes of `span` from `offset` on; nil if there are fewer.
    public init?(_ span: RawSpan, at offset: Int = 0) {
        guard let bytes = Bytes20(span, at: offset) else { return nil }
        self.init(bytes)
    }

    /// Forty hexadecimal digits of either case; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard let bytes = Bytes20(hex: hex) else { return nil }
        self.init(bytes)
    }

    /// Forty lowercase hexadecimal digits.
    public var hex: String { bytes.array.hex }

    public var description: String { hex }

    public static func < (left: Self, right: Self) -> Bool { left.bytes < right.bytes }
}

/// The SHA-1 of a piece, as `pieces` of a metainfo holds it (BEP 3).
public struct SHA1Digest: Bytes20Value, BitwiseCopyable {
    /// The value without its meaning.
    public let bytes: Bytes20
    public init(_ bytes: Bytes20) { self.bytes = bytes }
}

/// The SHA-1 of the raw bytes of a metainfo's `info` dictionary: the name of a torrent (BEP 3).
public struct InfoHash: Bytes20Value, BitwiseCopyable {
    /// The value without its meaning.
    public let bytes: Bytes20
    public init(_ bytes: Bytes20) { self.bytes = bytes }
}

/// Twenty bytes that a peer chose to be known by for one run (BEP 3; BEP 20 for their look).
public struct PeerID: Bytes20Value, BitwiseCopyable {
    /// The value without its meaning.
    public let bytes: Bytes20
    public init(_ bytes: Bytes20) { self.bytes = bytes }

    /// What our own peers put first, in the manner of BEP 20: client `PS` and our version.
    public static let clientPrefix = Array("-PS\(SuiteVersion.fourDigits)-".utf8)

    /// A new id of ours: the client's prefix, then twelve characters out of `generator`.
    public static func random(using generator: inout some RandomNumberGenerator) -> PeerID {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
        var bytes = clientPrefix
        while bytes.count < 20 { bytes.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]) }
        guard let bytes = Bytes20(bytes) else { preconditionFailure("twenty bytes make a peer id") }
        return PeerID(bytes)
    }
}
