import DHTEngine
import Testing
import TorrentCore

/// A node as its shell sees it.
@Suite struct DHTNodeTests {
    @Test func itBegins() {
        let node = DHTNode(DHTConfiguration(isV4: true, seed: 1), at: .zero)
        #expect(node.nextDeadline == .distantFuture)
    }

    @Test func nodesFindEachOtherByOneOfThem() {
        let world = SmallDHT.grown(20)
        for member in world.members {
            #expect(member.figures(world).goodNodes >= 17)
            guard case .ready = member.figures(world).state else {
                Issue.record("not ready")
                continue
            }
        }
    }

    @Test func whoSeeksFindsWhoAnnounced() {
        let world = SmallDHT.grown(20)
        let (announcer, seeker) = (world.members[3], world.members[17])
        world.tell(.seek(.test(1), DHTAnnouncement(port: 7_000, impliesPort: false)), to: announcer)
        world.run(for: .seconds(3))
        world.tell(.seek(.test(1), nil), to: seeker)
        world.run(for: .seconds(1))
        #expect(seeker.peers(of: .test(1)) == [Endpoint(announcer.endpoint.address, port: 7_000)])
    }

    /// Each announces to the other one alone, who asks nobody else.
    @Test(arguments: [true, false]) func twoAloneFindEachOther(seeksFirst: Bool) {
        let world = SmallDHT.grown(2)
        let (first, second) = (world.members[0], world.members[1])
        if seeksFirst {
            world.tell(.seek(.test(1), nil), to: second)
            world.run(for: .seconds(3))
        }
        world.tell(.seek(.test(1), DHTAnnouncement(port: 7_000, impliesPort: false)), to: first)
        world.run(for: .seconds(3))
        if !seeksFirst {
            world.tell(.seek(.test(1), nil), to: second)
            world.run(for: .seconds(1))
        }
        #expect(second.peers(of: .test(1)) == [Endpoint(first.endpoint.address, port: 7_000)])
    }
}
