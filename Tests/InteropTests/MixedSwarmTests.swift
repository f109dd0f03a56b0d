import TestSupport
import Testing

extension Interop {
    /// More than two clients at once, other addresses, other ways to a tracker.
    @Suite("Swarms", .serialized)
    struct MixedSwarmTests {
        private static let payload = Payload.mixed(name: "swarm", bytes: 6 << 20, seed: 9)

        @Test("One seeder, everybody else leeches at once", .timeLimit(.minutes(3)), arguments: Client.allCases)
        func mixed(seeder: Client) async throws {
            try Namespace.require(Client.allCases)
            try await withStage { stage in
                let swarm = try await TestSwarm(stage, .ours, Self.payload)
                _ = try await seeder.seed(Job(stage, torrent: swarm.torrent, folder: swarm.seedFolder, peer: 1))
                try await swarm.tracker.waitForSeeders(1, of: swarm.infoHash)
                var leechers: [(Client, String, any RunningClient)] = []
                for (number, client) in Client.allCases.enumerated() {
                    let folder = try stage.folder.folder("leech-\(client)")
                    let job = Job(stage, torrent: swarm.torrent, folder: folder, peer: number + 2)
                    leechers.append((client, folder, try await client.leech(job)))
                }
                for (client, folder, leecher) in leechers {
                    try await leecher.waitUntilComplete(within: .seconds(90))
                    try swarm.expectEqual(folder, emptyFiles: client != .transmission)
                }
            }
        }

        @Test(
            // aria2 speaks to UDP trackers only together with its DHT, which stays off.
            "Announced over UDP", .timeLimit(.minutes(2)),
            arguments: [
                Cell(seeder: .libtorrent, leecher: .transmission, tracker: .ours),
                Cell(seeder: .transmission, leecher: .libtorrent, tracker: .ours),
                Cell(seeder: .libtorrent, leecher: .ours, tracker: .opentracker),
                Cell(seeder: .ours, leecher: .transmission, tracker: .opentracker),
            ])
        func udp(cell: Cell) async throws {
            try await MatrixTests.transfer(cell, payload: Self.payload) { $0.udpURL }
        }

        @Test("Over IPv6", .timeLimit(.minutes(2)), arguments: [Client.ours, .libtorrent], [Client.ours, .libtorrent])
        func ipv6(seeder: Client, leecher: Client) async throws {
            try Namespace.require([seeder, leecher, .libtorrent])
            try await withStage { stage in
                let swarm = try await TestSwarm(stage, .ours, Self.payload) { _ in "" }
                let first = Job(stage, torrent: swarm.torrent, folder: swarm.seedFolder, host: "::1")
                let seeding = try await seeder.seed(first)
                try await seeding.process.waitForEvent("seeding")
                let target = try stage.folder.folder("leech")
                let second = Job(
                    stage, torrent: swarm.torrent, folder: target, host: "::1", peers: ["[::1]:\(first.port)"])
                try await leecher.leech(second).waitUntilComplete(within: .seconds(60))
                try swarm.expectEqual(target)
            }
        }

        @Test("Killed half-way, ours goes on from a real seeder", .timeLimit(.minutes(2)), arguments: Client.foreign)
        func resume(seeder: Client) async throws {
            try Namespace.require([seeder, .ours, .libtorrent])
            try await withStage { stage in
                let payload = Payload.mixed(name: "resume", bytes: 12 << 20, seed: 4)
                let swarm = try await TestSwarm(stage, .ours, payload)
                _ = try await seeder.seed(Job(stage, torrent: swarm.torrent, folder: swarm.seedFolder, peer: 1))
                try await swarm.tracker.waitForSeeders(1, of: swarm.infoHash)
                let target = try stage.folder.folder("leech")
                let job = Job(stage, torrent: swarm.torrent, folder: target, peer: 2)
                let first = try OurPeer(job, .leech, extra: ["--download-limit", "2M"]).process
                let half = try await first.waitForEvent("progress", within: .seconds(60)) {
                    ($0.left ?? .max) <= payload.length / 2
                }
                // The flush window of two seconds.
                try await Task.sleep(for: .milliseconds(2_300))
                first.kill()
                let again = Job(stage, torrent: swarm.torrent, folder: target, peer: 3)
                let second = try OurPeer(again, .leech, extra: ["-e"]).process
                #expect(try await second.waitForExit(within: .seconds(60)) == .code(0))
                let fetched = second.events.last { $0.event == "stopped" }?.downloaded ?? .max
                #expect(fetched <= (half.left ?? 0) + 64 << 10)
                try swarm.expectEqual(target)
            }
        }

        @Test("libtorrent and transmission-show read our tracker's scrape", .timeLimit(.minutes(1)))
        func scrape() async throws {
            try Namespace.require([.ours, .libtorrent], programs: ["transmission-show"])
            try await withStage { stage in
                let swarm = try await TestSwarm(stage, .ours, Self.payload)
                _ = try await Client.ours.seed(Job(stage, torrent: swarm.torrent, folder: swarm.seedFolder, peer: 1))
                try await swarm.tracker.waitForSeeders(1, of: swarm.infoHash)
                let port = Namespace.freePort()
                let scraped = try await LibtorrentDriver.start(
                    stage, ["scrape", swarm.torrent, "--dir", stage.folder.path, "--listen", "10.77.0.5:\(port)"],
                    name: "libtorrent scrape"
                ).waitForLine(within: .seconds(20), "scrape") { $0.contains("\"scraped\"") }
                #expect(scraped.contains("\"seeds\": 1") && scraped.contains("\"peers\": 0"))
                let shown = try await stage.run(
                    Executables.find("transmission-show") ?? "", ["--scrape", swarm.torrent])
                #expect(shown.lines.joined(separator: " ").contains("1 seeders, 0 leechers"), "\(shown.log)")
            }
        }
    }
}
