import DHTEngine
import TorrentCore

/// The shell of one `DHTNode` whose events and datagrams are drawn. It holds the node to what must be true whatever
/// comes, and a second one beside it to the same effects.
package struct DrawnDHTShell: ~Copyable {
    /// What was broken, the first thing first.
    package private(set) var faults: [String] = []
    private var node: DHTNode
    private var twin: DHTNode
    private let configuration: DHTConfiguration
    private var chance: Chance
    private var now = Moment.zero
    /// Questions of the node that nobody has answered, the latest last.
    private var open: [(transaction: [UInt8], to: Endpoint, method: KRPCQuery.Method)] = []
    private var inquiries = 0
    /// Of them those that have neither ended nor been dropped.
    private var underWay: Set<DHTInquiryID> = []
    private var sought: Set<InfoHash> = []
    /// Nobody in our own network speaks, or is named by the user: then nobody there may be asked.
    private let isOurNetworkSilent: Bool
    private var wakesInVain = 0

    package init(settings: Int, _ chance: Chance) {
        var configuration = DHTConfiguration(isV4: settings & 1 == 0, seed: UInt64(settings))
        configuration.isReadOnly = settings & 2 != 0
        if settings & 4 != 0 { configuration.externalAddress = Self.address(9, isV4: configuration.isV4) }
        if settings & 8 != 0 { configuration.limits.nodesALookup = 12 }
        configuration.rules.checksIDs = settings & 16 == 0
        if settings & 32 != 0 { configuration.rules.patience = .fixed(.seconds(2)) }
        self.configuration = configuration
        self.chance = chance
        isOurNetworkSilent = settings & 64 != 0
        node = DHTNode(configuration, at: .zero)
        twin = DHTNode(configuration, at: .zero)
    }

    package var isOutOfChance: Bool { chance.isExhausted }

    package mutating func step() {
        switch chance.roll(12) {
        case 0: take(event())
        case 1: take(.seek(torrent(), chance.roll(2) == 0 ? nil : DHTAnnouncement(port: 6_881, impliesPort: true)))
        case 2: take(.nodesNamed([endpoint(), endpoint()], by: .allCases[chance.roll(DHTNaming.allCases.count)]))
        case 3: wait()
        case 4, 5: ask()
        case 6: garbage()
        case 7...9: answer()
        default: wake()
        }
        check()
    }

    // MARK: Events

    private mutating func event() -> DHTEvent {
        switch chance.roll(9) {
        case 0, 1, 2: return .start
        case 3: return .stop
        case 4: return .externalAddress(endpoint().address)
        case 5: return .networkChanged
        case 6: return .notDelivered(open.last?.to ?? endpoint())
        case 7: return chance.roll(2) == 0 ? .hurry(torrent()) : .forget(torrent())
        default: return inquiry()
        }
    }

    private mutating func inquiry() -> DHTEvent {
        inquiries += 1
        let id = DHTInquiryID(inquiries)
        switch chance.roll(5) {
        case 0: return .inquire(id, .ping(endpoint()))
        case 1: return .inquire(id, .nodes(near: self.id(at: endpoint().address)))
        case 2: return .inquire(id, .peers(of: torrent()))
        case 3: return .inquire(id, .announce(torrent(), DHTAnnouncement(port: 1, impliesPort: false)))
        default: return .dropInquiry(DHTInquiryID(chance.roll(inquiries + 1)))
        }
    }

    private mutating func take(_ event: DHTEvent) {
        var (effects, twins): ([DHTEffect], [DHTEffect]) = ([], [])
        // Unless something is due anyway.
        let remembered = node.nextDeadline > now ? Set(node.memory(at: now).contacts) : []
        switch event {
        case .inquire(let id, _): underWay.insert(id)
        case .dropInquiry(let id): underWay.remove(id)
        case .seek(let infoHash, _): sought.insert(infoHash)
        case .forget(let infoHash): sought.remove(infoHash)
        default: break
        }
        node.take(event, at: now, effects: &effects)
        twin.take(event, at: now, effects: &twins)
        carryOut(effects, twins)
        if event == .networkChanged, !remembered.isSubset(of: node.memory(at: now).contacts) {
            faults.append("another network makes it forget")
        }
        if event == .stop, !underWay.isEmpty { faults.append("an inquiry never ends") }
    }

    private mutating func wait() { now = now + .milliseconds(1 << chance.roll(22)) }

    private mutating func wake() {
        guard node.nextDeadline != .distantFuture else { return }
        now = max(now, node.nextDeadline)
        take(.deadlineReached)
        wakesInVain = node.nextDeadline <= now ? wakesInVain + 1 : 0
        if wakesInVain >= 2 { faults.append("woken again and again") }
    }

    // MARK: Datagrams

    private mutating func hand(_ bytes: [UInt8], from sender: Endpoint) {
        var (effects, twins): ([DHTEffect], [DHTEffect]) = ([], [])
        bytes.withBytes { node.received($0, from: sender, at: now, effects: &effects) }
        bytes.withBytes { twin.received($0, from: sender, at: now, effects: &twins) }
        carryOut(effects, twins)
    }

    private mutating func garbage() {
        hand((0..<chance.roll(40)).map { _ in UInt8(chance.roll(256)) }, from: endpoint())
    }

    private mutating func ask() {
        let sender = endpoint()
        let method: KRPCQuery.Method =
            switch chance.roll(4) {
            case 0: .ping
            case 1: .findNode(id(at: sender.address))
            case 2: .getPeers(torrent())
            default: .announcePeer(torrent(), port: 1, impliesPort: false, token: [1, 2])
            }
        var query = KRPCQuery(method, transaction: [1, 2], sender: id(at: sender.address))
        query.isReadOnly = chance.roll(4) == 0
        hand(query.encoded(), from: sender)
    }

    /// Answers the node, mostly as it should be: with its own id, from where it was asked.
    private mutating func answer() {
        guard !open.isEmpty else { return }
        let slot = open.count - 1 - chance.roll(open.count)
        let question = open[slot]
        if chance.roll(8) != 0 { open.remove(at: slot) }
        let sender = chance.roll(12) == 0 ? endpoint() : question.to
        if chance.roll(12) == 0 {
            let failure = KRPCFailure(transaction: question.transaction, code: 203, message: [0x1B])
            return hand(failure.encoded(), from: sender)
        }
        var response = KRPCResponse(transaction: question.transaction, sender: id(at: sender.address))
        response.seenAt = endpoint()
        response.token = [7]
        let named = (0..<chance.roll(12)).map { _ in
            let endpoint = endpoint(isHearsay: true)
            return DHTContact(id(at: endpoint.address), endpoint)
        }
        response.nodes = named.filter { $0.endpoint.address.isV4 }
        response.nodes6 = named.filter { !$0.endpoint.address.isV4 }
        if chance.roll(3) == 0 { response.values = (0..<chance.roll(9)).map { _ in endpoint() } }
        hand(response.encoded(), from: sender)
    }

    // MARK: What is drawn

    private static func address(_ number: Int, isV4: Bool) -> IPAddress {
        isV4 ? .v4(0x0B00_0001 + UInt32(number) << 6) : .v6(0x2A00_0000_0000_0000 + UInt64(number) << 14, 1)
    }

    private mutating func endpoint(isHearsay: Bool = false) -> Endpoint {
        let number = chance.roll(256)
        if isOurNetworkSilent, !isHearsay, 1...2 ~= number { return Endpoint(.v4(0), port: 5) }
        switch number {
        case 0: return Endpoint(.v4(0), port: 5)
        case 1: return Endpoint(.loopbackV4, port: 5)
        case 2: return Endpoint(.v4(0x0A00_0001), port: 5)
        case 3: return Endpoint(Self.address(77, isV4: configuration.isV4), port: 0)
        case 4: return Endpoint(Self.address(77, isV4: !configuration.isV4), port: 5)
        default: return Endpoint(Self.address(number, isV4: configuration.isV4), port: 6_881)
        }
    }

    /// Mostly the one id of that address.
    private mutating func id(at address: IPAddress) -> NodeID {
        var seed: UInt64 = 0
        switch address {
        case .v4(let bits): seed = UInt64(bits)
        case .v6(let high, _): seed = high
        }
        if chance.roll(16) == 0 { seed &+= 1 }
        var generator = SplitMix64(seed: seed)
        return chance.roll(16) == 0 ? .random(using: &generator) : .fitting(address, using: &generator)
    }

    private mutating func torrent() -> InfoHash {
        InfoHash(Bytes20(high: UInt64(chance.roll(32)) &* 0x0901_0203_0405_0607, middle: 0, low: 0))
    }

    // MARK: What must be true

    private mutating func carryOut(_ effects: [DHTEffect], _ twins: [DHTEffect]) {
        for effect in effects {
            switch effect {
            case .ended(let id, _): underWay.remove(id)
            case .otherFamily(let endpoints) where isOurNetworkSilent:
                if endpoints.contains(where: { $0.address.scope != .world }) { faults.append("local nodes are told") }
            default: continue
            }
        }
        if effects != twins { faults.append("two nodes differ") }
        if effects.count > 2_000 { faults.append("\(effects.count) effects of one event") }
        for case .send(let bytes, let target) in effects {
            if bytes.count > configuration.limits.datagramBytes { faults.append("\(bytes.count) bytes") }
            if target.address.isV4 != configuration.isV4 { faults.append("the other family is asked") }
            let message = try? bytes.withBytes { (span) throws(KRPCError) in try KRPCMessage(span) }
            guard let message else {
                faults.append("a datagram that nobody can read")
                continue
            }
            guard case .query(let query) = message else { continue }
            if target.address.scope == .unusable || target.port == 0 { faults.append("nobody can be at \(target)") }
            if isOurNetworkSilent, target.address.scope != .world { faults.append("somebody far away names \(target)") }
            if open.count >= 64 { open.removeFirst() }
            open.append((query.transaction, target, query.method))
        }
    }

    private mutating func check() {
        let figures = node.figures(at: now)
        if figures.lookups > 2 * configuration.limits.lookups + 2 { faults.append("\(figures.lookups) lookups") }
        // Two nodes of each of 64 sites, and those of our own network.
        if figures.nodes > 132 || figures.spareNodes > 160 * 8 { faults.append("\(figures.nodes) nodes") }
        let looking = sought.count { node.nextLookup(of: $0) == nil }
        if looking > figures.lookups { faults.append("a torrent is neither due nor looked up") }
        checkNeighbours(of: figures.id)
        if node.memory(at: now).contacts.count > 200 { faults.append("too much is remembered") }
        if figures.traffic.asked < figures.traffic.answered + figures.traffic.timedOut {
            faults.append("more answers than questions")
        }
    }

    private mutating func checkNeighbours(of id: NodeID) {
        let addresses = node.closest(to: id).map(\.endpoint.address).filter { $0.scope == .world }
        if Set(addresses).count < addresses.count { faults.append("two nodes at one address") }
        let sites = Dictionary(grouping: addresses, by: \.neighbourhood)
        if sites.values.contains(where: { $0.count > 2 }) { faults.append("three nodes of one site") }
    }
}
