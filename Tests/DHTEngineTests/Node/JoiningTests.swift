import DHTEngine
import Testing
import TorrentCore

/// How a node comes among others, and what it does when there are none.
@Suite struct JoiningTests {
    private func wishes(_ member: SmallDHT.Member) -> Int { member.effects.count { $0 == .wantsBootstrap } }

    private func isReady(_ member: SmallDHT.Member, _ world: SmallDHT) -> Bool {
        if case .ready = member.figures(world).state { true } else { false }
    }

    private func isAlone(_ member: SmallDHT.Member, _ world: SmallDHT) -> Bool {
        if case .alone = member.figures(world).state { true } else { false }
    }

    @Test func whoKnowsNobodyWantsNamesAndSaysSoEverLessOften() {
        let world = SmallDHT()
        let lone = world.add()
        world.tell(.start, to: lone)
        #expect(wishes(lone) == 1)
        world.run(for: .seconds(3_600))
        // 5, 10, 20, … seconds, then every 300.
        #expect((12...24).contains(wishes(lone)))
        guard case .alone(let retriesAt) = lone.figures(world).state else {
            Issue.record("not alone")
            return
        }
        #expect(retriesAt > world.now && retriesAt <= world.now + .seconds(300))
        #expect(lone.sent.isEmpty)
    }

    @Test func whoWasAloneIsReadyWhenSomebodyComes() {
        let world = SmallDHT()
        let (lone, other) = (world.add(), world.add())
        world.tell(.start, to: lone)
        world.run(for: .seconds(100))
        world.tell(.start, to: other)
        world.tell(.nodesNamed([other.endpoint], by: .bootstrap), to: lone)
        world.run(for: .seconds(1))
        #expect(isReady(lone, world) && isReady(other, world))
        #expect(lone.node.memory(at: world.now).contacts == [other.contact])
    }

    @Test func theFirstQuestionMayBeLost() {
        let world = SmallDHT()
        let (lone, other) = (world.add(), world.add())
        world.tell(.start, to: other)
        var lost = 0
        world.delivers = { _, from, _ in
            guard from == lone.endpoint, lost < 2 else { return true }
            lost += 1
            return false
        }
        world.tell(.start, to: lone)
        world.tell(.nodesNamed([other.endpoint], by: .bootstrap), to: lone)
        world.run(for: .seconds(3))
        #expect(isReady(lone, world))
    }

    @Test func nineOfTenMayBeDead() {
        let world = SmallDHT.grown(12)
        var contacts = world.members.prefix(6).map(\.contact)
        let dead = (0..<54).map { DHTContact(.random(using: &world.generator), SmallDHT.endpoint(1_000 + $0)) }
        contacts += dead.map { DHTContact(.fitting($0.endpoint.address, using: &world.generator), $0.endpoint) }
        contacts.shuffle(using: &world.generator)
        let member = world.add(knowing: contacts)
        let began = world.now
        world.tell(.start, to: member)
        #expect(member.sent.count == 16)
        #expect(world.run(for: .seconds(5)) { isReady(member, world) })
        #expect(world.now - began < .milliseconds(1_500))
        #expect(wishes(member) == 0)
    }

    @Test func whoHadNoNetworkForgetsNobody() {
        let world = SmallDHT()
        let contacts = (0..<30).map { number in
            DHTContact(
                .fitting(SmallDHT.address(500 + number), using: &world.generator), SmallDHT.endpoint(500 + number))
        }
        let member = world.add(knowing: contacts)
        world.tell(.start, to: member)
        world.run(for: .seconds(1_200))
        #expect(member.figures(world).nodes == 30)
        #expect(Set(member.node.memory(at: world.now).contacts) == Set(contacts))
        #expect(wishes(member) > 2)
        // Nor does it shout where nobody hears.
        #expect(member.sent.count < 1_000)
    }

    @Test func theDeadAreForgottenWhereOthersAnswer() {
        let world = SmallDHT.grown(12)
        for member in world.members.suffix(4) { member.isDead = true }
        world.run(for: .seconds(2_400))
        for member in world.members.prefix(8) {
            let contacts = member.node.memory(at: world.now).contacts
            #expect(
                !contacts.contains { contact in world.members.suffix(4).contains { $0.endpoint == contact.endpoint } })
            #expect(member.figures(world).goodNodes >= 6)
        }
    }

    @Test func whoIsCutOffSaysSoAndComesBack() {
        let world = SmallDHT.grown(12)
        let member = world.members[5]
        var isCut = true
        world.delivers = { _, from, to in !isCut || from != member.endpoint && to != member.endpoint }
        for _ in 0..<360 where !isAlone(member, world) { world.run(for: .seconds(10)) }
        #expect(isAlone(member, world))
        isCut = false
        world.tell(.networkChanged, to: member)
        world.run(for: .seconds(2))
        #expect(isReady(member, world))
    }

    @Test func aTorrentIsFoundWhileJoining() {
        let world = SmallDHT.grown(20)
        world.tell(.seek(.test(7), DHTAnnouncement(port: 1, impliesPort: true)), to: world.members[4])
        world.run(for: .seconds(3))
        let newcomer = world.add()
        let began = world.now
        world.tell(.seek(.test(7), nil), to: newcomer)
        world.tell(.start, to: newcomer)
        world.tell(.nodesNamed([world.members[0].endpoint], by: .bootstrap), to: newcomer)
        #expect(world.run(for: .seconds(5)) { !newcomer.peers(of: .test(7)).isEmpty })
        #expect(world.now - began < .seconds(1))
        #expect(newcomer.peers(of: .test(7)) == [world.members[4].endpoint])
    }

    @Test func bothFamiliesAreAskedForWhileJoiningOnly() {
        let world = SmallDHT.grown(8)
        let first = world.members[5].questions.first { if case .findNode = $0.query.method { true } else { false } }
        #expect(first?.query.wants == [.v4, .v6])
        world.run(for: .seconds(300))
        let since = world.now
        world.tell(.seek(.test(1), nil), to: world.members[5])
        world.run(for: .seconds(1_000))
        let later = world.members[5].questions.filter { $0.at >= since }
        #expect(!later.isEmpty && later.allSatisfy { $0.query.wants.isEmpty })
    }

    @Test func othersTellUsWhereWeAre() {
        let world = SmallDHT.grown(20)
        let member = world.add { $0.externalAddress = nil }
        let before = member.id
        #expect(!before.fits(member.endpoint.address))
        world.tell(.start, to: member)
        world.tell(.nodesNamed([world.members[0].endpoint], by: .bootstrap), to: member)
        world.run(for: .seconds(20))
        #expect(member.effects.contains(.externalAddress(member.endpoint.address)))
        #expect(member.id != before && member.id.fits(member.endpoint.address))
        #expect(member.figures(world).goodNodes >= 15)
        // The others know it by its new name.
        world.run(for: .seconds(60))
        #expect(world.members.count { $0.node.closest(to: member.id).first?.id == member.id } > 5)
    }

    /// What one peer or tracker says is better than nothing, and no more than that.
    @Test func oneWordDoesNotRenameUsTwice() {
        let world = SmallDHT.grown(3)
        let member = world.add { $0.externalAddress = nil }
        world.tell(.start, to: member)
        world.tell(.externalAddress(SmallDHT.address(300)), to: member)
        let first = member.id
        #expect(first.fits(SmallDHT.address(300)))
        world.tell(.externalAddress(SmallDHT.address(301)), to: member)
        #expect(member.id == first)
    }

    @Test func theNameIsKeptAsLongAsItFits() {
        var generator = SplitMix64(seed: 4)
        let address = SmallDHT.address(3)
        var configuration = DHTConfiguration(isV4: true, seed: 1)
        configuration.externalAddress = address
        configuration.memory.id = .fitting(address, using: &generator)
        #expect(DHTNode(configuration, at: .zero).figures(at: .zero).id == configuration.memory.id)
        configuration.externalAddress = SmallDHT.address(400)
        let id = DHTNode(configuration, at: .zero).figures(at: .zero).id
        #expect(id != configuration.memory.id && id.fits(SmallDHT.address(400)))
    }

    @Test func whoHasStoppedIsSilent() {
        let world = SmallDHT.grown(8)
        let member = world.members[3]
        world.tell(.inquire(DHTInquiryID(1), .peers(of: .test(1))), to: member)
        world.tell(.stop, to: member)
        #expect(member.outcome(of: DHTInquiryID(1)) != nil)
        #expect(member.effects.last == .became(.off))
        let sent = member.sent.count
        world.run(for: .seconds(600))
        #expect(member.sent.count == sent && member.node.nextDeadline == .distantFuture)
    }
}
