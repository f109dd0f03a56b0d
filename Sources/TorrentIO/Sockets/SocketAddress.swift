import Glibc
import TorrentCore

/// An `Endpoint` in the shape that the socket calls want. IPv4 travels as IPv4, and IPv6 as IPv6.
struct SocketAddress {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// Room for a call to fill.
    init() {}

    init(_ endpoint: Endpoint) {
        length = withUnsafeMutablePointer(to: &storage) { Self.write(endpoint, to: $0) }
    }

    /// Copies an address from a list of the system's; one that is neither IPv4 nor IPv6 has no `endpoint`.
    init(copying address: UnsafePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET: length = socklen_t(MemoryLayout<sockaddr_in>.size)
        case AF_INET6: length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        default: return
        }
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(length)))
        }
    }

    /// Nil for a family that is neither IPv4 nor IPv6.
    var endpoint: Endpoint? {
        withUnsafePointer(to: storage) { Self.endpoint($0) }
    }

    static func family(of endpoint: Endpoint) -> Int32 { endpoint.address.isV4 ? AF_INET : AF_INET6 }

    /// Writes `endpoint` to where a call will look for it; how many bytes of it count.
    static func write(_ endpoint: Endpoint, to storage: UnsafeMutablePointer<sockaddr_storage>) -> socklen_t {
        let raw = UnsafeMutableRawPointer(storage)
        switch endpoint.address {
        case .v4(let address):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = endpoint.port.bigEndian
            value.sin_addr.s_addr = address.bigEndian
            raw.storeBytes(of: value, as: sockaddr_in.self)
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        case .v6(let high, let low):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = endpoint.port.bigEndian
            withUnsafeMutableBytes(of: &value.sin6_addr) { bytes in
                bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
                bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            raw.storeBytes(of: value, as: sockaddr_in6.self)
            return socklen_t(MemoryLayout<sockaddr_in6>.size)
        }
    }

    static func endpoint(_ storage: UnsafePointer<sockaddr_storage>) -> Endpoint? {
        let raw = UnsafeRawPointer(storage)
        switch Int32(storage.pointee.ss_family) {
        case AF_INET:
            let value = raw.load(as: sockaddr_in.self)
            return Endpoint(.v4(UInt32(bigEndian: value.sin_addr.s_addr)), port: UInt16(bigEndian: value.sin_port))
        case AF_INET6:
            let value = raw.load(as: sockaddr_in6.self)
            let (high, low) = withUnsafeBytes(of: value.sin6_addr) {
                ($0.load(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            }
            let address = IPAddress(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
            return Endpoint(address, port: UInt16(bigEndian: value.sin6_port))
        default: return nil
        }
    }

    /// Lends the address as the calls take it.
    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// Lets a call fill it in.
    mutating func fill(_ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) -> Int32 {
        withUnsafeMutablePointer(to: &length) { length in
            withUnsafeMutablePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
            }
        }
    }
}
