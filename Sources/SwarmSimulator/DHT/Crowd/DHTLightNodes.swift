import TorrentCore

/// What the nodes of a crowd keep and know besides their tables.
struct DHTLightNodes {
    private struct Kept: Hashable {
        let number: Int
        let infoHash: InfoHash
    }

    private var numberAt: [Endpoint: Int] = [:]
    /// Peers by node and torrent, and until when they are kept.
    private var kept: [Kept: [(peer: Endpoint, until: Moment)]] = [:]
    /// Addresses at whose upper ports invented ids answer.
    private(set) var lureHosts: [IPAddress] = []
    /// An attack that goes on, and who answers where.
    private(set) var attack: DHTAttack?
    private var aims: [Endpoint: NodeID] = [:]
    /// Announces with a token that was not given.
    var forged = 0

    /// Invented ids of those that lure, and the addresses that they are on.
    static let lures = 1_000
    static let lureAddresses = 20
    static let firstLurePort = 50_000

    mutating func settle(_ crowd: DHTCrowd) {
        for (number, dweller) in crowd.dwellers.enumerated() {
            numberAt[dweller.endpoint] = number
            if dweller.manner == .lures, lureHosts.count < Self.lureAddresses {
                lureHosts.append(dweller.endpoint.address)
            }
        }
    }

    func number(at endpoint: Endpoint) -> Int? { numberAt[endpoint] }

    /// An attack begins, or is over.
    mutating func suffer(_ attack: DHTAttack?) {
        self.attack = attack
        aims = [:]
        for identity in attack?.identities ?? [] { aims[identity.endpoint] = identity.id }
    }

    func aim(at endpoint: Endpoint) -> NodeID? { aims[endpoint] }

    /// The invented id number `number` near a place, and where it answers.
    func lure(_ number: Int, near place: NodeID) -> DHTContact {
        var draw = DHTDraw(seed: place.bytes.words.middle ^ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        let host = lureHosts[number % lureHosts.count]
        return DHTContact(
            draw.id(near: place), Endpoint(host, port: UInt16(Self.firstLurePort + number / lureHosts.count)))
    }

    /// Which invented id answers there.
    func lureNumber(at endpoint: Endpoint) -> Int? {
        guard Int(endpoint.port) >= Self.firstLurePort, let host = lureHosts.firstIndex(of: endpoint.address) else {
            return nil
        }
        return (Int(endpoint.port) - Self.firstLurePort) * lureHosts.count + host
    }

    mutating func keep(_ peer: Endpoint, of infoHash: InfoHash, at number: Int, until end: Moment) {
        let place = Kept(number: number, infoHash: infoHash)
        kept[place, default: []].removeAll { $0.peer == peer }
        kept[place, default: []].append((peer, end))
    }

    func peers(of infoHash: InfoHash, at number: Int, now: Moment) -> [Endpoint] {
        (kept[Kept(number: number, infoHash: infoHash)] ?? []).filter { $0.until > now }.prefix(50).map(\.peer)
    }

    /// Whether a node keeps that peer.
    func holds(_ peer: Endpoint, of infoHash: InfoHash, at number: Int) -> Bool {
        kept[Kept(number: number, infoHash: infoHash)]?.contains { $0.peer == peer } ?? false
    }

    /// Nothing is kept any more for a torrent that nobody will ask for again.
    mutating func forget(_ infoHash: InfoHash) { kept = kept.filter { $0.key.infoHash != infoHash } }
}
