import DHTEngine
import Testing
import TorrentCore

/// What a single stranger may not bring about.
@Suite struct HostileTests {
    private let announcement = DHTAnnouncement(port: 7_000, impliesPort: false)

    private func isAlone(_ effect: DHTEffect) -> Bool {
        if case .became(.alone) = effect { true } else { false }
    }

    private func closest(_ world: SmallDHT, to place: NodeID, _ count: Int = 8) -> [SmallDHT.Member] {
        Array(
            world.members.sorted { $0.id.distance(to: place) < $1.id.distance(to: place) }.prefix(count))
    }

    /// Whoever holds the place of a torrent that we announce is not the world.
    @Test func oneCrowdedTorrentDoesNotRenameUs() {
        let world = SmallDHT.grown(40)
        let member = world.members[0]
        let before = member.id
        let crowd = closest(world, to: NodeID(.test(1)), 20).filter { $0 !== member }
        for liar in crowd {
            liar.lies = { query, response in
                var response = response
                switch query.method {
                case .getPeers(.test(1)), .announcePeer(.test(1), _, _, _):
                    response.seenAt = Endpoint(.v4(0x2D00_0001), port: 5)
                default: break
                }
                return response
            }
        }
        world.run(for: .seconds(700))
        for _ in 0..<3 {
            world.tell(.inquire(DHTInquiryID(1), .announce(.test(1), announcement)), to: member)
            world.run(for: .seconds(300))
        }
        #expect(member.id == before)
        #expect(!member.effects.contains(.externalAddress(.v4(0x2D00_0001))))
    }

    /// Wrong names for the closest nodes, which fit their addresses, come before the right ones.
    @Test func wronglyNamedNodesAreFoundAllTheSame() throws {
        let world = SmallDHT.grown(40)
        let target = NodeID(.test(1))
        let honest = closest(world, to: target)
        let liar = try #require(world.members.first { member in !honest.contains { $0 === member } })
        var generator = SplitMix64(seed: 77)
        let wrong = honest.flatMap { member in
            (0..<2).map { _ in DHTContact(.fitting(member.endpoint.address, using: &generator), member.endpoint) }
        }
        liar.lies = { _, response in
            var response = response
            response.nodes = wrong
            return response
        }
        // It is all that the seeker knows.
        let seeker = world.add(knowing: [liar.contact])
        world.tell(.start, to: seeker)
        world.tell(.inquire(DHTInquiryID(1), .nodes(near: target)), to: seeker)
        world.run(for: .seconds(5))
        let found = try #require(seeker.outcome(of: DHTInquiryID(1))).closest
        #expect(honest.count { found.contains($0.contact) } >= 7)
    }

    /// Nobody far away makes us send into our own network, by way of the node of the other family either.
    @Test func theOtherFamilyIsToldOfNoLocalAddress() {
        let world = SmallDHT.grown(3)
        let good = DHTContact(.random(using: &world.generator), SmallDHT.endpoint(70, isV4: false))
        let local = ["[::1]:5", "[fe80::1]:1900", "[fd00::1]:1900"].map {
            DHTContact(good.id, Endpoint($0)!)
        }
        world.members[0].lies = { _, response in
            var response = response
            response.nodes6 = local + [good]
            return response
        }
        let newcomer = world.add()
        world.tell(.start, to: newcomer)
        world.tell(.nodesNamed([world.members[0].endpoint], by: .bootstrap), to: newcomer)
        world.run(for: .seconds(1))
        #expect(newcomer.effects.contains(.otherFamily([good.endpoint])))
        for case .otherFamily(let endpoints) in newcomer.effects {
            #expect(endpoints.allSatisfy { $0.address.scope == .world })
        }
    }

    @Test func placesToBeginAreNotPushedOut() {
        let world = SmallDHT.grown(3)
        let newcomer = world.add()
        world.tell(.start, to: newcomer)
        world.members[0].isDead = true
        world.tell(.nodesNamed([world.members[0].endpoint], by: .bootstrap), to: newcomer)
        for number in 0..<20 {
            let invented = (0..<16).map { SmallDHT.endpoint(1_000 + number * 16 + $0) }
            world.tell(.nodesNamed(invented, by: .otherFamily), to: newcomer)
        }
        world.run(for: .seconds(60))
        world.members[0].isDead = false
        #expect(world.run(for: .seconds(600)) { newcomer.figures(world).goodNodes > 0 })
    }

    /// A datagram of invented peers does not use up all that a lookup takes.
    @Test func oneAnswerBringsNoMoreThanAHundredPeers() {
        let world = SmallDHT.grown(12)
        let liar = world.members[3]
        liar.lies = { query, response in
            var response = response
            if case .getPeers = query.method {
                response.values = (0..<500).map { Endpoint(.v4(0x2D00_0001 + UInt32($0)), port: 5) }
            }
            return response
        }
        world.tell(.seek(.test(1), nil), to: world.members[0])
        world.run(for: .seconds(3))
        #expect(world.members[0].peers(of: .test(1)).count == 100)
    }

    /// They answer once, and then with errors.
    @Test func whoAnswersWithErrorsIsForgotten() {
        let world = SmallDHT.grown(12)
        let refusing = Array(world.members.suffix(3))
        for member in refusing { member.isDead = true }
        var told = world.members.map(\.sent.count)
        for _ in 0..<4_800 {
            world.run(for: .milliseconds(500))
            for place in 0..<9 {
                let member = world.members[place]
                let sent = member.sent[told[place]...]
                told[place] = member.sent.count
                for (_, bytes, to) in sent where refusing.contains(where: { $0.endpoint == to }) {
                    guard let transaction = transaction(bytes) else { continue }
                    let failure = KRPCFailure(transaction: transaction, code: 203, message: [])
                    world.hand(failure.encoded(), from: to, to: member)
                }
            }
        }
        for member in world.members.prefix(9) {
            let contacts = member.node.memory(at: world.now).contacts
            #expect(contacts.count == 8)
        }
    }

    private func transaction(_ bytes: [UInt8]) -> [UInt8]? {
        guard let message = try? bytes.withBytes({ (span) throws(KRPCError) in try KRPCMessage(span) }),
            case .query(let query) = message
        else { return nil }
        return query.transaction
    }

    /// Among few, one that is gone does not look like a network that is gone.
    @Test func oneThatIsGoneCutsNobodyOff() {
        let world = SmallDHT.grown(6)
        for member in world.members { member.effects = [] }
        world.members[5].isDead = true
        world.run(for: .seconds(7_200))
        for member in world.members.prefix(5) {
            #expect(!member.effects.contains(where: isAlone))
            #expect(!member.node.memory(at: world.now).contacts.contains { $0.endpoint == world.members[5].endpoint })
        }
    }

    @Test func aNetworkThatIsGoneCutsOff() {
        let world = SmallDHT.grown(6)
        world.members[0].effects = []
        for member in world.members.dropFirst() { member.isDead = true }
        world.run(for: .seconds(7_200))
        #expect(world.members[0].effects.contains(where: isAlone))
        #expect(world.members[0].node.memory(at: world.now).contacts.count == 5)
    }

    @Test func anotherNetworkDoesNotLoseWhatIsRemembered() {
        let world = SmallDHT.grown(12)
        let member = world.members[4]
        world.delivers = { _, _, _ in false }
        world.tell(.networkChanged, to: member)
        #expect(member.node.memory(at: world.now).contacts.count >= 10)
        world.run(for: .seconds(1_200))
        #expect(member.node.memory(at: world.now).contacts.count >= 10)
    }

    @Test func whoBeginsAgainLooksUpWhatWasUnderWay() {
        let world = SmallDHT.grown(12)
        let member = world.members[4]
        world.tell(.seek(.test(1), nil), to: member)
        world.tell(.inquire(DHTInquiryID(1), .ping(Endpoint("11.9.9.9:5")!)), to: member)
        world.tell(.stop, to: member)
        #expect(member.outcome(of: DHTInquiryID(1)) != nil)
        world.run(for: .seconds(1))
        let began = world.now
        world.tell(.start, to: member)
        world.run(for: .seconds(30))
        let asked = member.questions.contains {
            if case .getPeers(.test(1)) = $0.query.method { $0.at >= began } else { false }
        }
        #expect(asked)
        // Nobody is blamed for what he said when nobody listened.
        #expect(member.node.memory(at: world.now).contacts.count >= 10)
    }

    /// Interfaces that come and go.
    @Test func aNetworkThatChangesAllTheTimeIsNotAskedAllTheTime() {
        let world = SmallDHT.grown(12)
        let member = world.members[4]
        for byte in 0..<20 as Range<UInt8> { world.tell(.seek(.test(byte &* 11), nil), to: member) }
        world.run(for: .seconds(40))
        let before = member.questions.count
        for _ in 0..<30 {
            world.tell(.networkChanged, to: member)
            world.run(for: .seconds(1))
        }
        // Twenty torrents once or twice each, and a few times our own place.
        #expect(member.questions.count - before < 1_000)
    }

    @Test func stepsNameWhoWasAsked() {
        let world = SmallDHT.grown(40)
        // Somebody who hears of nearer ones all the time.
        let member = world.add(knowing: [world.members[7].contact])
        world.tell(.start, to: member)
        let began = member.sent.count
        world.tell(.inquire(DHTInquiryID(1), .peers(of: .test(1))), to: member)
        world.run(for: .seconds(5))
        let asked = member.sent.dropFirst(began).compactMap { at, bytes, to -> Endpoint? in
            guard let message = try? bytes.withBytes({ (span) throws(KRPCError) in try KRPCMessage(span) }),
                case .query(let query) = message, case .getPeers = query.method
            else { return nil }
            return to
        }
        let steps = member.steps(of: DHTInquiryID(1))
        #expect(steps.count >= 8 && Set(steps.map(\.endpoint)).count == steps.count)
        #expect(Set(steps.map(\.endpoint)).isSubset(of: asked))
        for step in steps {
            #expect(world.members.contains { $0.endpoint == step.endpoint && $0.id == step.id })
        }
    }

    /// From the second lookup on we would find ourselves, and look no more for a while.
    @Test(arguments: [true, false]) func weAreNoPeerOfOurOwn(impliesPort: Bool) throws {
        let world = SmallDHT.grown(12)
        let member = world.members[4]
        let announcement = DHTAnnouncement(port: 7_000, impliesPort: impliesPort)
        world.tell(.seek(.test(1), announcement), to: member)
        world.run(for: .seconds(60))
        #expect(member.peers(of: .test(1)).isEmpty)
        #expect(member.questions.contains { if case .announcePeer = $0.query.method { true } else { false } })
        let next = member.node.nextLookup(of: .test(1))
        #expect(try #require(next) - world.now < .seconds(300))
    }
}
