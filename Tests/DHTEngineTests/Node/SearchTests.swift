import DHTEngine
import Testing
import TorrentCore

/// Lookups of whole nodes among each other.
@Suite struct SearchTests {
    private let announcement = DHTAnnouncement(port: 7_000, impliesPort: false)

    private func closest(_ world: SmallDHT, to place: NodeID, _ count: Int = 8) -> [SmallDHT.Member] {
        Array(
            world.members.filter { !$0.isDead }.sorted { $0.id.distance(to: place) < $1.id.distance(to: place) }
                .prefix(count))
    }

    @Test func anAnnounceReachesTheClosest() {
        let world = SmallDHT.grown(30)
        let announcer = world.members[9]
        world.tell(.inquire(DHTInquiryID(3), .announce(.test(1), announcement)), to: announcer)
        world.run(for: .seconds(5))
        let holders = world.members.filter { $0.figures(world).kept.peers == 1 }
        let expected = closest(world, to: NodeID(.test(1)), 9).filter { $0 !== announcer }.prefix(8)
        #expect(expected.count { member in holders.contains { $0 === member } } >= 7)
        let outcome = announcer.outcome(of: DHTInquiryID(3))
        #expect(outcome?.stored == holders.count)
        #expect(
            announcer.steps(of: DHTInquiryID(3)).count { if case .stored = $0.result { true } else { false } }
                == holders.count)
    }

    @Test func anInquiryTellsWhatItDid() throws {
        let world = SmallDHT.grown(30)
        world.tell(.seek(.test(1), announcement), to: world.members[2])
        world.run(for: .seconds(3))
        let seeker = world.members[20]
        world.tell(.inquire(DHTInquiryID(1), .peers(of: .test(1))), to: seeker)
        world.tell(.inquire(DHTInquiryID(2), .nodes(near: world.members[2].id)), to: seeker)
        world.run(for: .seconds(5))
        let peers = try #require(seeker.outcome(of: DHTInquiryID(1)))
        #expect(peers.peers == [Endpoint(world.members[2].endpoint.address, port: 7_000)])
        #expect(peers.firstPeers == .milliseconds(160))
        #expect(peers.closest.count == 8)
        #expect(peers.answers >= 8 && peers.answers <= peers.queries)
        let steps = seeker.steps(of: DHTInquiryID(1))
        #expect(steps.count == peers.answers && steps.allSatisfy { $0.hops >= 1 && $0.isFitting })
        #expect(seeker.outcome(of: DHTInquiryID(2))?.closest.first?.id == world.members[2].id)
    }

    @Test func aPingIsAnsweredOrNot() {
        let world = SmallDHT.grown(3)
        world.members[2].isDead = true
        let (id, silent) = (DHTInquiryID(1), DHTInquiryID(2))
        world.tell(.inquire(id, .ping(world.members[1].endpoint)), to: world.members[0])
        world.tell(.inquire(silent, .ping(world.members[2].endpoint)), to: world.members[0])
        world.run(for: .seconds(5))
        #expect(world.members[0].outcome(of: id)?.closest == [world.members[1].contact])
        #expect(world.members[0].outcome(of: id)?.took == .milliseconds(160))
        #expect(world.members[0].outcome(of: silent)?.answers == 0)
        #expect(world.members[0].steps(of: silent).map(\.result) == [.silent])
    }

    @Test func aSlowNodeIsHeardAllTheSame() {
        let world = SmallDHT.grown(12)
        let holder = closest(world, to: NodeID(.test(1)), 1)[0]
        let others = world.members.filter { $0 !== holder }
        world.tell(.seek(.test(1), announcement), to: others[0])
        world.run(for: .seconds(3))
        // Only the slow one has it, far behind all patience.
        holder.delay = .milliseconds(1_000)
        let seeker = others.dropFirst().first { $0.figures(world).kept.peers == 0 }!
        for member in others {
            member.lies = { _, response in
                var response = response
                response.values = []
                return response
            }
        }
        world.tell(.seek(.test(1), nil), to: seeker)
        world.run(for: .seconds(4))
        #expect(seeker.peers(of: .test(1)).count == 1)
    }

    @Test func whoAnswersUnderAnotherNameIsKnownByThatOne() {
        let world = SmallDHT.grown(12)
        let (liar, seeker) = (world.members[6], world.members[3])
        let name = liar.id
        let other = NodeID.fitting(liar.endpoint.address, using: &world.generator)
        liar.lies = { _, response in
            var response = response
            response.sender = other
            return response
        }
        world.tell(.inquire(DHTInquiryID(1), .nodes(near: name)), to: seeker)
        world.run(for: .seconds(4))
        // As long as that name fits it is as good as any.
        let found = seeker.outcome(of: DHTInquiryID(1))?.closest.filter { $0.endpoint == liar.endpoint }
        #expect(found == [DHTContact(other, liar.endpoint)])
        #expect(seeker.node.closest(to: name).contains { $0.id == name } == false)
    }

    @Test func whoseIDDoesNotFitIsNotKept() {
        let world = SmallDHT.grown(8)
        let crooked = world.add { configuration in
            configuration.externalAddress = nil
            configuration.rules.checksIDs = false
        }
        #expect(!crooked.id.fits(crooked.endpoint.address))
        // Nobody tells it where it is.
        world.tell(.start, to: crooked)
        world.tell(.nodesNamed([world.members[0].endpoint], by: .bootstrap), to: crooked)
        let name = crooked.id
        world.run(for: .milliseconds(300))
        #expect(world.members.prefix(8).allSatisfy { !$0.node.closest(to: name).contains { $0.id == name } })
        #expect(crooked.figures(world).goodNodes > 0)
    }

    @Test func readOnlyNodesAreNotKept() {
        let world = SmallDHT.grown(8)
        let reader = world.add { $0.isReadOnly = true }
        world.tell(.start, to: reader)
        world.tell(.nodesNamed([world.members[0].endpoint], by: .bootstrap), to: reader)
        world.run(for: .seconds(30))
        #expect(reader.figures(world).goodNodes >= 7)
        #expect(world.members.prefix(8).allSatisfy { !$0.node.closest(to: reader.id).contains { $0.id == reader.id } })
    }

    @Test func unusablePeersAreLeftOut() {
        let world = SmallDHT.grown(8)
        let values = [
            "11.0.9.1:0", "224.0.0.1:5", "10.0.0.1:5", "127.0.0.1:5", "0.0.0.0:5", "[2a00::1]:5", "11.0.9.9:5",
        ]
        for member in world.members.dropFirst() {
            member.lies = { query, response in
                var response = response
                if case .getPeers = query.method { response.values = values.map { Endpoint($0)! } }
                return response
            }
        }
        world.tell(.seek(.test(1), nil), to: world.members[0])
        world.run(for: .seconds(3))
        #expect(world.members[0].peers(of: .test(1)) == [Endpoint("11.0.9.9:5")!])
    }

    @Test func answersFromElsewhereAndRepeatedOnesAreDropped() {
        let world = SmallDHT.grown(3)
        let (asker, other) = (world.members[0], world.members[1])
        world.run(for: .seconds(20))
        let useless = asker.figures(world).traffic.useless
        let began = asker.sent.count
        world.tell(.inquire(DHTInquiryID(1), .ping(Endpoint("11.0.77.1:5")!)), to: asker)
        guard let sent = asker.sent.dropFirst(began).first, let query = asker.questions.last?.query else {
            Issue.record("nothing sent")
            return
        }
        let answer = KRPCResponse(transaction: query.transaction, sender: other.id).encoded()
        world.hand(answer, from: other.endpoint, to: asker)
        #expect(asker.outcome(of: DHTInquiryID(1)) == nil)
        #expect(asker.figures(world).traffic.useless == useless + 1)
        world.hand(answer, from: sent.to, to: asker)
        #expect(asker.outcome(of: DHTInquiryID(1))?.answers == 1)
        world.hand(answer, from: sent.to, to: asker)
        #expect(asker.figures(world).traffic.useless == useless + 2)
    }

    @Test func whereNobodyIsNobodyIsWaitedFor() {
        let world = SmallDHT.grown(3)
        let nobody = Endpoint("11.0.77.1:5")!
        world.tell(.inquire(DHTInquiryID(1), .ping(nobody)), to: world.members[0])
        world.tell(.notDelivered(nobody), to: world.members[0])
        #expect(world.members[0].outcome(of: DHTInquiryID(1))?.answers == 0)
    }

    @Test func manyTorrentsTakeTurnsAndNoneStarves() {
        let world = SmallDHT.grown(20)
        let seeker = world.members[3]
        let began = world.now
        let torrents = (0..<80).map { number in
            InfoHash(Bytes20(high: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, middle: 1, low: 1))
        }
        for torrent in torrents { world.tell(.seek(torrent, nil), to: seeker) }
        #expect(seeker.figures(world).lookups <= 16)
        #expect(world.run(for: .seconds(120)) { seeker.figures(world).waiting == 0 })
        world.run(for: .seconds(3))
        var asked: [InfoHash: Moment] = [:]
        for question in seeker.questions where question.at >= began {
            if case .getPeers(let infoHash) = question.query.method, asked[infoHash] == nil {
                asked[infoHash] = question.at
            }
        }
        #expect(asked.count == torrents.count)
        // In the order in which they came.
        #expect(zip(torrents, torrents.dropFirst()).allSatisfy { asked[$0]! <= asked[$1]! })
    }

    @Test func noMoreThanFiftyNewAddressesASecond() {
        let world = SmallDHT()
        // Nobody answers, so everybody is a stranger.
        let contacts = (0..<200).map { number in
            DHTContact(
                .fitting(SmallDHT.address(500 + number), using: &world.generator), SmallDHT.endpoint(500 + number))
        }
        let member = world.add(knowing: contacts)
        world.tell(.start, to: member)
        for number in 0..<40 { world.tell(.seek(.test(UInt8(number * 6)), nil), to: member) }
        world.run(for: .seconds(20))
        let times = member.sent.map(\.at)
        for (slot, time) in times.enumerated() where slot >= 66 { #expect(time - times[slot - 66] >= .seconds(1)) }
        #expect(times.count > 200)
    }

    @Test func sameSeedAndEventsSameEffects() {
        func run() -> [[DHTEffect]] {
            let world = SmallDHT.grown(10, seed: 9)
            for number in 0..<5 { world.tell(.seek(.test(UInt8(number)), announcement), to: world.members[number]) }
            world.run(for: .seconds(1_000))
            return world.members.map { member in member.effects + member.sent.map { .send($0.bytes, to: $0.to) } }
        }
        #expect(run() == run())
    }

    @Test func anIdleNodeIsQuiet() {
        let world = SmallDHT.grown(20)
        world.run(for: .seconds(1_200))
        let before = world.members[4].sent.count
        world.run(for: .seconds(1_800))
        // Half an hour: each of 19 others is asked every quarter, and answers as much, besides two lookups.
        #expect(world.members[4].sent.count - before < 600)
    }

    @Test func theSizeIsGuessed() throws {
        let world = SmallDHT.grown(30)
        for number in 0..<12 {
            world.tell(
                .inquire(DHTInquiryID(number), .nodes(near: NodeID(.test(UInt8(number * 20))))), to: world.members[1])
            world.run(for: .seconds(2))
        }
        let guess = try #require(world.members[1].figures(world).estimatedNodes)
        #expect((15...60).contains(guess))
    }

    /// The last announces are answered long after the inquiry has been told: nothing is left to wait for.
    @Test func lateAnswersToAnnouncesLeaveNothingBehind() {
        let world = SmallDHT.grown(12)
        for member in world.members.dropFirst() { member.delay = .milliseconds(900) }
        world.tell(.inquire(DHTInquiryID(1), .announce(.test(3), announcement)), to: world.members[0])
        world.tell(.seek(.test(4), announcement), to: world.members[0])
        world.run(for: .seconds(30))
        #expect(world.members[0].outcome(of: DHTInquiryID(1)) != nil)
        #expect(world.members[0].figures(world).lookups == 0)
    }
}
