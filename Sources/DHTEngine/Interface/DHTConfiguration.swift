package import TorrentCore

/// What a node of the DHT is given once, when it is made. There is one node a process and family.
package struct DHTConfiguration: Sendable {
    /// The family of this node: it never names, asks or keeps an address of the other one (BEP 32).
    package var isV4: Bool
    /// What was remembered of the run before.
    package var memory = DHTMemory()
    /// The public address that others see us at, as far as it is known: the id has to fit it (BEP 42).
    package var externalAddress: IPAddress?
    /// It asks, and answers nobody (BEP 43).
    package var isReadOnly = false
    package var limits = DHTLimits()
    package var rules = DHTRules()
    /// Whether a signature of Ed25519 is right: 32 bytes of key, 64 of signature. Nil: signed items are not kept.
    package var checksSignature: SignatureCheck?
    /// Seeds the node's random numbers: the same seed and events give the same effects.
    package var seed: UInt64
    /// What nobody may come to know: tokens follow from it. The seed, unless it is set: what others see of our random
    /// numbers would give that away, so a shell has to set this.
    package var secret: UInt64

    /// See `checksSignature`.
    package typealias SignatureCheck =
        @Sendable (_ key: [UInt8], _ signature: [UInt8], _ message: [UInt8]) -> Bool

    package init(isV4: Bool, seed: UInt64) {
        self.isV4 = isV4
        self.seed = seed
        secret = seed
    }
}

/// What a node keeps between runs.
package struct DHTMemory: Hashable, Sendable {
    /// The id, which is used again as long as it fits our address.
    package var id: NodeID?
    /// Nodes that were alive lately, the best first.
    package var contacts: [DHTContact] = []

    package init(id: NodeID? = nil, contacts: [DHTContact] = []) {
        self.id = id
        self.contacts = contacts
    }
}
