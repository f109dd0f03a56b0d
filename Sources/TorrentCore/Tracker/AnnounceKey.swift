/// Tells a peer apart that announces from several addresses (BEP 7, 15).
public struct AnnounceKey: Hashable, Sendable, BitwiseCopyable, ExpressibleByIntegerLiteral {
    public let rawValue: UInt32

    @inlinable
    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable
    public init(integerLiteral value: UInt32) { self.init(value) }
}
