/// What a UDP tracker hands out and wants to see with every request: it shows that the sender receives at the address
/// that it claims (BEP 15).
public struct UDPConnectionID: Hashable, Sendable, BitwiseCopyable, ExpressibleByIntegerLiteral {
    public let rawValue: UInt64

    @inlinable
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable
    public init(integerLiteral value: UInt64) { self.init(value) }
}
