/// Chosen by whoever asks a UDP tracker, and sent back with the answer (BEP 15).
public struct TransactionID: Hashable, Sendable, BitwiseCopyable, ExpressibleByIntegerLiteral {
    public let rawValue: UInt32

    @inlinable
    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable
    public init(integerLiteral value: UInt32) { self.init(value) }
}
