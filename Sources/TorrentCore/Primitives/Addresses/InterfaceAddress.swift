/// An address of this machine and the network that it is in.
public struct InterfaceAddress: Sendable, Hashable, BitwiseCopyable {
    public let address: IPAddress
    /// Leading bits that the addresses of the network share.
    public let prefixLength: Int

    public init(_ address: IPAddress, prefixLength: Int) {
        self.address = address
        self.prefixLength = prefixLength
    }

    /// All addresses of the network.
    public var network: AddressBlock { AddressBlock(address, prefixLength: prefixLength) }
}

extension InterfaceAddress: LosslessStringConvertible {
    /// "192.168.1.7/24".
    public init?(_ text: String) {
        guard let network = AddressBlock(text), let address = IPAddress(text: text.prefix { $0 != "/" }) else {
            return nil
        }
        self.init(address, prefixLength: network.prefixLength)
    }

    public var description: String { "\(address)/\(prefixLength)" }
}
