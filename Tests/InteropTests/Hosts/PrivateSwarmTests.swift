import TestSupport
import Testing

extension Interop {
    /// Private torrents on hosts of their own: what leaves them goes to the tracker and to those that it named
    /// (BEP 27).
    @Suite("Private torrents on hosts of their own", .serialized)
    struct PrivateSwarmTests {
        @Test("Thirty peers begin nothing with anybody but their tracker and whom it named", .timeLimit(.minutes(2)))
        func thirty() async throws {
            try Namespace.require([.ours, .libtorrent], programs: Bridge.programs)
            try await withStage { stage in
                let swarm = try await ThirtyPeers(stage)
                try await swarm.tempt()
                // The first tracker dies before anybody is complete; the news of that goes to the second one.
                let seeder = try await swarm.seed()
                swarm.trackers[0].process.kill()
                try await swarm.waitUntilComplete()
                try await swarm.waitForAnswers(of: swarm.trackers[1])
                try await Self.expectCalls(of: swarm)
                try await Self.expectPrivacy(of: swarm)
                // Nobody keeps a connection of before, nor has one in the end by the first tracker's word.
                let partings = swarm.leechers.map { swarm.parting(of: $0) }
                #expect(partings.flatMap(\.kept) == [])
                #expect(partings.contains { $0.closed > 0 })
                for (number, process) in zip(1..., [seeder] + swarm.leechers) {
                    let acquaintance = swarm.acquaintance(of: number)
                    guard acquaintance.afterSwitch != nil else { continue }
                    #expect(swarm.kept(by: process).isSubset(of: acquaintance.current), "\(process.name)")
                }
                print("interop: \(partings.reduce(0) { $0 + $1.closed }) connections closed for another tracker")
            }
        }

        /// Many have called somebody anew, whom the second tracker named, and others have believed the stranger where
        /// they may.
        private static func expectCalls(of swarm: ThirtyPeers) async throws {
            let haveCalled = try await eventually(within: .seconds(20), every: .milliseconds(200)) {
                let packets = try await swarm.bridge.packets()
                return swarm.callers(in: packets) >= swarm.leechers.count / 2
                    && packets.contains { $0.place == swarm.openTemptations[1] }
            }
            #expect(haveCalled)
        }

        private static func expectPrivacy(of swarm: ThirtyPeers) async throws {
            let packets = try await swarm.bridge.packets()
            #expect(swarm.complaints(about: packets) == [])
            #expect(!packets.contains { swarm.temptations.contains($0.place) })
            // The same look at the public torrent finds something.
            #expect(!swarm.hearsay(in: packets).isEmpty)
            print("interop: thirty peers, \(packets.count) first packets, \(swarm.callers(in: packets)) called anew")
        }
    }
}
