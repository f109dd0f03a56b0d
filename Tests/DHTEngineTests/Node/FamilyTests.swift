import DHTEngine
import Testing
import TorrentCore

/// The two families, each with a DHT of its own (BEP 32).
@Suite struct FamilyTests {
    @Test func theSameOverIPv6() {
        let world = SmallDHT.grown(12, isV4: false)
        let (announcer, seeker) = (world.members[3], world.members[9])
        #expect(announcer.id.fits(announcer.endpoint.address))
        world.tell(.seek(.test(1), DHTAnnouncement(port: 7_000, impliesPort: true)), to: announcer)
        world.run(for: .seconds(3))
        world.tell(.seek(.test(1), nil), to: seeker)
        world.run(for: .seconds(1))
        #expect(Set(seeker.peers(of: .test(1))) == [announcer.endpoint])
    }

    /// What is asked of one family is of no use to the node of the other.
    @Test func nodesOfTheOtherFamilyAreTold() {
        let world = SmallDHT.grown(3)
        let other = DHTContact(.random(using: &world.generator), SmallDHT.endpoint(70, isV4: false))
        world.members[0].lies = { _, response in
            var response = response
            response.nodes6 = [other]
            return response
        }
        let newcomer = world.add()
        world.tell(.start, to: newcomer)
        world.tell(.nodesNamed([world.members[0].endpoint], by: .bootstrap), to: newcomer)
        world.run(for: .seconds(1))
        #expect(newcomer.effects.contains(.otherFamily([other.endpoint])))
        #expect(newcomer.sent.allSatisfy { $0.to.address.isV4 })
    }
}
