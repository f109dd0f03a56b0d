import TestSupport
import Testing

extension Interop {
    /// Programs of others on the local network (BEP 14): they hear us, and we hear them.
    @Suite("The local network, with others", .serialized)
    struct LocalInteropTests {
        /// Who speaks last is the one who is heard first.
        @Test("They hear us", .timeLimit(.minutes(3)), arguments: Client.foreign)
        func weAreHeard(client: Client) async throws {
            try await meet(seeder: client, leecher: .ours) { _, leecher in
                let meeting = try await leecher.waitForEvent("peer", within: .seconds(120)) { $0.state == "connected" }
                print("interop: local network: ours and \(client) met, incoming: \(meeting.incoming ?? false)")
                #expect(meeting.incoming == true)
            }
        }

        @Test("We hear them", .timeLimit(.minutes(3)), arguments: Client.foreign)
        func theyAreHeard(client: Client) async throws {
            try await meet(seeder: .ours, leecher: client) { seeder, _ in
                let meeting = try await seeder.waitForEvent("peer", within: .seconds(120)) {
                    $0.state == "connected" && $0.source == "lan"
                }
                #expect(meeting.incoming == false)
            }
        }

        private func meet(
            seeder: Client, leecher: Client, _ body: (RunningProcess, RunningProcess) async throws -> Void
        ) async throws {
            try Namespace.require([seeder, leecher], programs: Bridge.programs)
            try await withStage { stage in
                let bridge = try await Bridge(stage, hosts: 2)
                // Transmission joins the group where the system would send to it, and nowhere without such a way.
                for host in bridge.hosts {
                    try await bridge.ip(["route", "add", "224.0.0.0/4", "dev", "line"], on: host)
                }
                let torrent = try HostedTorrent(stage, bytes: 1 << 20)
                let first = try LocalClient(seeder, .seed, torrent, in: torrent.folder, on: bridge[1], bridge)
                // It is ready once it has told everybody.
                let said = try await eventually(within: .seconds(60), every: .milliseconds(200)) {
                    try await bridge.packets().contains { $0.host == 1 && $0.port == 6_771 }
                }
                #expect(said, "nothing was announced\n\(first.process.log)")
                let folder = try bridge.folder(of: bridge[2])
                let second = try LocalClient(leecher, .leech, torrent, in: folder, on: bridge[2], bridge)
                try await body(first.process, second.process)
                let isThere = try await eventually(within: .seconds(60)) {
                    (try? torrent.expectWhole(in: folder)) != nil
                }
                #expect(isThere, "\(second.process.log)")
            }
        }
    }
}
