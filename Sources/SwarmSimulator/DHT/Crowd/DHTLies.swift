import TorrentCore

/// What liars do besides naming nodes that are of no use. Each is a way to break a node that checks ids and no more.
package struct DHTLies: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Invented ids fit their addresses (BEP 42): each of those that lure has as many as it can, eight, of which it
    /// names the nearest.
    package static let fittingNames = DHTLies(rawValue: 1)
    /// Those that stray name the closest honest nodes instead, each under two ids that fit and are wrong.
    package static let wrongNames = DHTLies(rawValue: 2)
    /// They all see us at the same address, which is not ours (`ip`, BEP 42).
    package static let ourAddress = DHTLies(rawValue: 4)
    /// They name as many peers as a datagram holds, none of which is there.
    package static let peers = DHTLies(rawValue: 8)
    /// Their tokens are as long as a datagram holds.
    package static let longTokens = DHTLies(rawValue: 16)
    /// With `fittingNames`: the nearest of those ids is there eight times, at eight ports of one address.
    package static let clones = DHTLies(rawValue: 32)
    /// All of these but the last.
    package static let all: DHTLies = [.fittingNames, .wrongNames, .ourAddress, .peers, .longTokens]

    /// Where they say that we are.
    static let address = Endpoint(.v4(0x5DB8_D822), port: 6_881)
    /// Peers of one answer, each 8 bytes of it.
    static let peersAnAnswer = 350
    /// Bytes of a token, where there are no such peers.
    static let tokenBytes = 3_000
}

extension DHTDweller.Manner {
    var isLiar: Bool { self == .strays || self == .lures || self == .aims }
}

extension NodeID {
    /// As near to a place as one can be whose id has to fit the same address as `self`; one of many.
    func imitated(near place: NodeID, variant: UInt64) -> NodeID {
        let (own, wanted) = (bytes.words, place.bytes.words)
        let free: UInt64 = 1 << 43 - 1
        return NodeID(
            Bytes20(
                high: own.high & ~free | wanted.high & free, middle: wanted.middle ^ variant,
                low: wanted.low & ~7 | own.low & 7))
    }
}

extension KRPCResponse {
    /// Says what a liar says.
    mutating func lie(_ lies: DHTLies, draw: inout DHTDraw) {
        if lies.contains(.ourAddress) { seenAt = DHTLies.address }
        guard let token else { return }
        // A datagram has no room for both.
        if lies.contains(.peers), !lies.contains(.longTokens) || draw.happens(0.5) {
            values = (0..<DHTLies.peersAnAnswer).map { _ in draw.endpoint() }
        } else if lies.contains(.longTokens) {
            self.token = token + [UInt8](repeating: 7, count: DHTLies.tokenBytes)
        }
    }
}

extension DHTLightNodes {
    /// The invented ids that fit their addresses and are nearest to a place: each host has eight.
    func fittingLures(near place: NodeID, areClones: Bool) -> [DHTContact] {
        let numbers = (0..<lureHosts.count * Self.namesAHost).map { ($0, fittingLure($0, near: place)) }
        let nearest = numbers.sorted { $0.1.id.distance(to: place) < $1.1.id.distance(to: place) }
        guard areClones, let first = nearest.first?.0 else { return nearest.prefix(8).map(\.1) }
        return (0..<8).map { fittingLure(first + $0 * lureHosts.count * Self.namesAHost, near: place) }
    }

    /// Names that one address of IPv4 may have, as far as the bits go that are not free.
    static let namesAHost = 8

    func fittingLure(_ number: Int, near place: NodeID) -> DHTContact {
        let host = lureHosts[number % lureHosts.count]
        let name = number / lureHosts.count
        let id = NodeID(fitting: host, name: UInt32(name)).imitated(near: place, variant: UInt64(name))
        return DHTContact(id, Endpoint(host, port: UInt16(Self.firstLurePort + name)))
    }
}

extension NodeID {
    /// One of the eight by arithmetic of the simulator's own: see `DHTDraw.id(fitting:)`.
    fileprivate init(fitting address: IPAddress, name: UInt32) {
        var bytes: [UInt8] = []
        if case .v4(let bits) = address { bytes.appendBigEndian(bits & 0x030F_3FFF | (name & 7) << 29) }
        self.init(Bytes20(high: UInt64(CRC32C.checksum(bytes)) << 32, middle: 0, low: name & 7))
    }
}
