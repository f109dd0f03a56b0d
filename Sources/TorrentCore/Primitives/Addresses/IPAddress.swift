/// An IPv4 or IPv6 address by value. An IPv4 address mapped into IPv6 (::ffff:a.b.c.d) is always held as IPv4.
public enum IPAddress: Hashable, Sendable, BitwiseCopyable {
    /// In reading order: 127.0.0.1 is 0x7F00_0001.
    case v4(UInt32)
    /// In reading order: the first eight bytes, the last eight.
    case v6(UInt64, UInt64)

    /// 0.0.0.0: every address of this machine, to listen on.
    public static let anyV4 = IPAddress.v4(0)
    /// ::, the same for IPv6.
    public static let anyV6 = IPAddress.v6(0, 0)
    /// 127.0.0.1.
    public static let loopbackV4 = IPAddress.v4(0x7F00_0001)
    /// ::1.
    public static let loopbackV6 = IPAddress.v6(0, 1)

    /// An IPv6 address, which becomes IPv4 if it maps one.
    public init(high: UInt64, low: UInt64) {
        self = high == 0 && low >> 32 == 0xFFFF ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high, low)
    }

    /// Four or sixteen bytes in network order; nil for any other count.
    public init?(_ bytes: RawSpan) {
        switch bytes.byteCount {
        case 4: self = .v4(bytes.uint32(at: 0))
        case 16: self.init(high: bytes.uint64(at: 0), low: bytes.uint64(at: 8))
        default: return nil
        }
    }

    @inlinable
    public var isV4: Bool {
        if case .v4 = self { true } else { false }
    }

    @inlinable
    public var isLoopback: Bool {
        switch self {
        case .v4(let address): address >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// 0.0.0.0 or ::.
    public var isUnspecified: Bool { self == .anyV4 || self == .anyV6 }

    /// Of a LAN: 10/8, 172.16/12, 192.168/16, link-local 169.254/16 (RFC 1918, RFC 3927); fc00::/7, fe80::/10
    /// (RFC 4193, RFC 4291).
    @inlinable
    public var isPrivate: Bool {
        switch self {
        case .v4(let address):
            address >> 24 == 10 || address >> 20 == 0xAC1 || address >> 16 == 0xC0A8 || address >> 16 == 0xA9FE
        case .v6(let high, _): high >> 57 == 0xFC >> 1 || high >> 54 == 0xFE80 >> 6
        }
    }

    /// 224/4 and ff00::/8, where nobody can be connected to, and the broadcast address.
    @inlinable
    public var isMulticast: Bool {
        switch self {
        case .v4(let address): address >> 28 == 0xE || address == .max
        case .v6(let high, _): high >> 56 == 0xFF
        }
    }

    /// Four or sixteen bytes in network order.
    public func append(to bytes: inout [UInt8]) {
        switch self {
        case .v4(let address): bytes.appendBigEndian(address)
        case .v6(let high, let low):
            bytes.appendBigEndian(high)
            bytes.appendBigEndian(low)
        }
    }
}

/// Where a peer or a tracker listens.
public struct Endpoint: Hashable, Sendable, BitwiseCopyable {
    public let address: IPAddress
    public let port: UInt16

    @inlinable
    public init(_ address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// The compact form: address and port, 6 bytes (BEP 23) or 18 (BEP 7).
    public func appendCompact(to bytes: inout [UInt8]) {
        unsafe bytes.append(count: compactSize) { output in unsafe store(in: output, at: 0) }
    }

    /// Bytes of the compact form.
    @inline(__always)
    var compactSize: Int { address.isV4 ? 6 : 18 }

    /// Writes the compact form from `offset` on.
    @inline(__always)
    func store(in output: UnsafeMutableRawBufferPointer, at offset: Int) {
        switch address {
        case .v4(let bits):
            unsafe output.store(bigEndian: bits, at: offset)
            unsafe output.store(bigEndian: port, at: offset + 4)
        case .v6(let high, let low):
            unsafe output.store(bigEndian: high, at: offset)
            unsafe output.store(bigEndian: low, at: offset + 8)
            unsafe output.store(bigEndian: port, at: offset + 16)
        }
    }

    /// From the compact form of 6 or 18 bytes; nil for any other count.
    public init?(compact: RawSpan) {
        let length = compact.byteCount - 2
        guard length == 4 || length == 16, let address = IPAddress(compact.extracting(0..<length)) else { return nil }
        self.init(address, port: compact.uint16(at: length))
    }
}
