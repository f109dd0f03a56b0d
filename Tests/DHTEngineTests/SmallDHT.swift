import DHTEngine
import Testing
import TorrentCore

/// A few dozen nodes with public addresses, joined by datagrams that take their time.
final class SmallDHT {
    final class Member {
        let endpoint: Endpoint
        var node: DHTNode
        /// What it wanted done, datagrams left out.
        var effects: [DHTEffect] = []
        /// When it sent which datagram to whom.
        var sent: [(at: Moment, bytes: [UInt8], to: Endpoint)] = []
        /// It is gone: nothing reaches it, and it does nothing.
        var isDead = false
        /// How long a datagram takes from it or to it.
        var delay: Duration
        /// Answers in its stead: what it would have said, and to what.
        var lies: ((KRPCQuery, KRPCResponse) -> KRPCResponse?)?

        init(_ endpoint: Endpoint, _ configuration: DHTConfiguration, delay: Duration, at now: Moment) {
            self.endpoint = endpoint
            self.delay = delay
            node = DHTNode(configuration, at: now)
        }

        var id: NodeID { node.figures(at: .zero).id }
        var contact: DHTContact { DHTContact(id, endpoint) }
    }

    private struct Flight {
        let arrives: Moment
        let number: Int
        let bytes: [UInt8]
        let from: Endpoint
        let to: Endpoint
    }

    private(set) var now = Moment.zero
    private(set) var members: [Member] = []
    private var places: [Endpoint: Int] = [:]
    private var flights: [Flight] = []
    private var flown = 0
    var generator: SplitMix64
    /// Called for every datagram: false loses it.
    var delivers: (_ bytes: [UInt8], _ from: Endpoint, _ to: Endpoint) -> Bool = { _, _, _ in true }

    init(seed: UInt64 = 1) {
        generator = SplitMix64(seed: seed)
    }

    /// An address of its own site for each number.
    static func address(_ number: Int) -> IPAddress { .v4(0x0B00_0001 + UInt32(number) << 8) }

    static func endpoint(_ number: Int, isV4: Bool = true) -> Endpoint {
        Endpoint(isV4 ? address(number) : .v6(0x2A00_0000_0000_0000 + UInt64(number) << 16, 1), port: 6881)
    }

    @discardableResult
    func add(
        at endpoint: Endpoint? = nil, delay: Duration = .milliseconds(40), knowing contacts: [DHTContact] = [],
        _ change: (inout DHTConfiguration) -> Void = { _ in }
    ) -> Member {
        let endpoint = endpoint ?? Self.endpoint(members.count)
        var configuration = DHTConfiguration(isV4: endpoint.address.isV4, seed: generator.next())
        configuration.externalAddress = endpoint.address
        configuration.memory.contacts = contacts
        change(&configuration)
        let member = Member(endpoint, configuration, delay: delay, at: now)
        places[endpoint] = members.count
        members.append(member)
        return member
    }

    /// So many that have joined by the first one.
    static func grown(
        _ count: Int, seed: UInt64 = 1, isV4: Bool = true, for time: Duration = .seconds(30)
    ) -> SmallDHT {
        let world = SmallDHT(seed: seed)
        for number in 0..<count {
            let member = world.add(at: endpoint(number, isV4: isV4))
            world.tell(.start, to: member)
            if member !== world.members[0] {
                world.tell(.nodesNamed([world.members[0].endpoint], by: .bootstrap), to: member)
            }
            world.run(for: .milliseconds(200))
        }
        world.run(for: time)
        return world
    }

    func tell(_ event: DHTEvent, to member: Member) {
        var effects: [DHTEffect] = []
        member.node.take(event, at: now, effects: &effects)
        carryOut(effects, of: member)
    }

    /// Hands over a datagram as if it had come from there.
    func hand(_ bytes: [UInt8], from sender: Endpoint, to member: Member) {
        var effects: [DHTEffect] = []
        bytes.withBytes { member.node.received($0, from: sender, at: now, effects: &effects) }
        carryOut(effects, of: member)
    }

    private func carryOut(_ effects: [DHTEffect], of member: Member) {
        for effect in effects {
            guard case .send(let bytes, let target) = effect else {
                member.effects.append(effect)
                continue
            }
            member.sent.append((now, bytes, target))
            guard let bytes = spoken(bytes, by: member), delivers(bytes, member.endpoint, target) else { continue }
            guard let place = places[target], !members[place].isDead else { continue }
            flown += 1
            flights.append(
                Flight(
                    arrives: now + member.delay + members[place].delay, number: flown, bytes: bytes,
                    from: member.endpoint, to: target))
        }
    }

    private var asked: [[UInt8]: KRPCQuery] = [:]

    private func spoken(_ bytes: [UInt8], by member: Member) -> [UInt8]? {
        guard let lies = member.lies else { return bytes }
        guard let message = try? bytes.withBytes({ (span) throws(KRPCError) in try KRPCMessage(span) }),
            case .response(let response) = message, let query = asked[response.transaction]
        else { return bytes }
        return lies(query, response)?.encoded(limit: 4_096)
    }

    /// Lets everything happen that happens by then.
    func run(until end: Moment) {
        while true {
            let flight = flights.indices.min {
                (flights[$0].arrives, flights[$0].number) < (flights[$1].arrives, flights[$1].number)
            }
            let due = members.indices.filter { !members[$0].isDead }.min {
                members[$0].node.nextDeadline < members[$1].node.nextDeadline
            }
            let arrival = flight.map { flights[$0].arrives } ?? .distantFuture
            let deadline = due.map { members[$0].node.nextDeadline } ?? .distantFuture
            guard min(arrival, deadline) <= end else { break }
            now = max(now, min(arrival, deadline))
            if arrival <= deadline, let flight {
                deliver(flights.remove(at: flight))
            } else if let due {
                tell(.deadlineReached, to: members[due])
                if members[due].node.nextDeadline <= now {
                    Issue.record("woken for nothing: \(members[due].node.figures(at: now))")
                    return
                }
            }
        }
        now = max(now, end)
    }

    private func deliver(_ flight: Flight) {
        guard let place = places[flight.to], !members[place].isDead else { return }
        if members[place].lies != nil,
            let message = try? flight.bytes.withBytes({ (span) throws(KRPCError) in
                try KRPCMessage(span)
            }), case .query(let query) = message
        {
            asked[query.transaction] = query
        }
        hand(flight.bytes, from: flight.from, to: members[place])
    }

    func run(for time: Duration) { run(until: now + time) }

    /// Lets things happen until `isSo`, or the time is over: then false.
    func run(for time: Duration, until isSo: () -> Bool) -> Bool {
        let end = now + time
        while now < end, !isSo() { run(until: min(end, now + .milliseconds(10))) }
        return isSo()
    }
}

extension SmallDHT.Member {
    /// The peers of a torrent that it was told of.
    func peers(of infoHash: InfoHash) -> [Endpoint] {
        effects.flatMap { effect -> [Endpoint] in
            if case .peersFound(infoHash, let peers, _) = effect { peers } else { [] }
        }
    }

    func outcome(of inquiry: DHTInquiryID) -> DHTOutcome? {
        for case .ended(inquiry, let outcome) in effects { return outcome }
        return nil
    }

    func steps(of inquiry: DHTInquiryID) -> [DHTStep] {
        effects.compactMap { effect in if case .step(inquiry, let step) = effect { step } else { nil } }
    }

    func figures(_ world: SmallDHT) -> DHTFigures { node.figures(at: world.now) }

    /// The questions that it has sent.
    var questions: [(at: Moment, query: KRPCQuery, to: Endpoint)] {
        sent.compactMap { at, bytes, target in
            guard let message = try? bytes.withBytes({ (span) throws(KRPCError) in try KRPCMessage(span) }),
                case .query(let query) = message
            else { return nil }
            return (at, query, target)
        }
    }
}

extension InfoHash {
    /// One that begins with this byte.
    static func test(_ byte: UInt8) -> InfoHash {
        InfoHash(Bytes20(high: UInt64(byte) << 56 | 0x00AB_CDEF, middle: 7, low: 9))
    }
}
