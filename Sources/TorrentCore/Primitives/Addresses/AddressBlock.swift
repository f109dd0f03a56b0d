/// Addresses that share their leading bits: 192.168.1.0/24.
public struct AddressBlock: Hashable, Sendable, BitwiseCopyable {
    /// The first of them: all other bits are zero.
    public let first: IPAddress
    /// Leading bits that they share: 0 to 32 of IPv4, 0 to 128 of IPv6.
    public let prefixLength: Int

    /// The block of this size that `address` is in. A length out of range is brought into it.
    public init(_ address: IPAddress, prefixLength: Int) {
        switch address {
        case .v4(let bits):
            self.prefixLength = min(max(prefixLength, 0), 32)
            // Shifts by as many bits as there are give zero.
            first = .v4(bits & (.max << UInt32(32 - self.prefixLength)))
        case .v6(let high, let low):
            self.prefixLength = min(max(prefixLength, 0), 128)
            first = .v6(
                high & (.max << UInt64(64 - min(self.prefixLength, 64))),
                low & (.max << UInt64(128 - max(self.prefixLength, 64))))
        }
    }

    /// Of the other family nothing is.
    public func contains(_ address: IPAddress) -> Bool {
        address.isV4 == first.isV4 && AddressBlock(address, prefixLength: prefixLength).first == first
    }

    /// The address by which IPv4 means everybody in the block, where there is one.
    public var broadcast: IPAddress? {
        guard case .v4(let bits) = first, prefixLength < 31 else { return nil }
        return .v4(bits | ~(.max << UInt32(32 - prefixLength)))
    }
}

extension AddressBlock: LosslessStringConvertible {
    /// "192.168.1.0/24" or "fe80::/10".
    public init?(_ text: String) {
        guard let slash = text.lastIndex(of: "/"), let address = IPAddress(text: text[..<slash]),
            let length = Int(text[text.index(after: slash)...]), (0...(address.isV4 ? 32 : 128)).contains(length)
        else { return nil }
        self.init(address, prefixLength: length)
    }

    public var description: String { "\(first)/\(prefixLength)" }
}
