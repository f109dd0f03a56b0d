import TorrentCore

/// Who we are: an id that fits the address that others see us at (BEP 42).
struct Identity {
    private(set) var id: NodeID
    private(set) var address: IPAddress?
    var votes = SeenAtVotes()
    let isV4: Bool

    init(_ configuration: DHTConfiguration, using generator: inout SplitMix64) {
        isV4 = configuration.isV4
        let address = configuration.externalAddress.flatMap { $0.isV4 == configuration.isV4 ? $0 : nil }
        self.address = address
        let remembered = configuration.memory.id
        if let remembered, address.map({ remembered.fits($0) }) ?? true {
            id = remembered
        } else {
            id = address.map { .fitting($0, using: &generator) } ?? .random(using: &generator)
        }
    }

    /// True if the id had to change.
    mutating func moved(to address: IPAddress, using generator: inout SplitMix64) -> Bool {
        guard address.isV4 == isV4, address.scope == .world, address != self.address else { return false }
        self.address = address
        guard !id.fits(address) else { return false }
        id = .fitting(address, using: &generator)
        return true
    }
}
