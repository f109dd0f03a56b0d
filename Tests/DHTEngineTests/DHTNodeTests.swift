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
}
