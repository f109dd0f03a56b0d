import TestSupport
import Testing

/// Files go from peer to peer through our tracker, as a user starts them.
@Suite("Transfers")
struct TransferTests {
    @Test("One seeder, three leechers, every byte arrives and the tracker counts four seeders")
    func oneSeederThreeLeechers() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(.mixed(bytes: 700_001), announce: [tracker.announce])
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let seeding = try await seeder.waitForEvent("seeding")
            #expect(seeding.infohash == shared.infoHash)
            #expect(seeding.name == "mixed")

            let folders = try (1...3).map { try stage.folder.folder("leech\($0)") }
            let leechers = try folders.map { try stage.startLeech(shared.path, dir: $0) }
            for leecher in leechers {
                let complete = try await leecher.waitForEvent("complete", within: .seconds(40))
                #expect(complete.infohash == shared.infoHash)
                #expect(complete.bytes == shared.payload.length)
                #expect((complete.seconds ?? -1) >= 0)
            }
            for folder in folders { #expect(try shared.differences(in: folder) == []) }
            try await tracker.waitForCounts(shared.infoHash, "of four seeders and three downloads") {
                $0.seeders == 4 && $0.leechers == 0 && $0.downloads == 3
            }
            // Whoever is complete goes on to serve, without a restart.
            for leecher in leechers { try await leecher.waitForEvent("seeding") }
        }
    }

    @Test(
        "Sizes around the edges of pieces and blocks",
        arguments: [1, 16 << 10, (16 << 10) + 1, 32 << 10, (32 << 10) - 1, (64 << 10) + 1, 100_003])
    func edgeSizes(size: Int) async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "single.bin", size: size, seed: UInt64(size)))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            let port = try await seeder.listeningPort()
            let target = try stage.folder.folder("leech")
            let leecher = try stage.startLeech(
                shared.path, dir: target, ["--peer", "127.0.0.1:\(port)", "--exit-when-done"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
        }
    }

    @Test("Three torrents in one process, on one port")
    func threeTorrents() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try (1...3).map {
                try stage.share(
                    .mixed(name: "set\($0)", bytes: 120_000 + $0, seed: UInt64($0)), announce: [tracker.announce])
            }
            let seeder = try stage.startPeer("seed", shared.map(\.path), dir: shared[0].folder, [])
            for torrent in shared { try await seeder.waitForEvent("seeding") { $0.infohash == torrent.infoHash } }
            #expect(Set(seeder.events.filter { $0.event == "listening" }.compactMap(\.port)).count == 1)

            let target = try stage.folder.folder("leech")
            let leecher = try stage.startPeer("leech", shared.map(\.path), dir: target, ["-e"])
            #expect(try await leecher.waitForExit(within: .seconds(40)) == .code(0))
            for torrent in shared {
                #expect(try torrent.differences(in: target) == [])
                #expect(leecher.events.contains { $0.event == "complete" && $0.infohash == torrent.infoHash })
            }
        }
    }

    @Test("The seeder leaves when one full copy is spread over the leechers")
    func seederLeaves() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            // Each file fills whole pieces, so that each leecher can hold one file and nothing of the others.
            let size = 4 * (32 << 10)
            let payload = Payload(name: "spread", files: [("one", size), ("three", size), ("two", size)])
            let shared = try stage.share(payload, announce: [tracker.announce])
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            _ = try await seeder.interrupt()
            try await tracker.waitForCounts(shared.infoHash, "that the seeder has left") { $0.seeders == 0 }

            let leechers = try payload.files.map { file in
                let folder = try stage.folder.folder("leech-\(file.path)")
                try FileTree.write(
                    FileTree.read("\(shared.content)/\(file.path)"), to: "\(folder)/spread/\(file.path)")
                return (folder, try stage.startLeech(shared.path, dir: folder))
            }
            for (folder, leecher) in leechers {
                let verified = try await leecher.waitForEvent("verified")
                #expect(verified.goodBytes == size)
                try await leecher.waitForEvent("complete", within: .seconds(60))
                #expect(try shared.differences(in: folder) == [])
            }
        }
    }

    @Test("A private torrent moves between the peers of its tracker")
    func privateTorrent() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(.mixed(bytes: 90_000), announce: [tracker.announce], isPrivate: true)
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            let target = try stage.folder.folder("leech")
            let leecher = try stage.startLeech(shared.path, dir: target, ["-e"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
        }
    }

    @Test("A UDP tracker brings peers together as an HTTP one does")
    func udpTracker() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(
                .mixed(bytes: 90_000), announce: ["udp://127.0.0.1:\(tracker.port)/announce"])
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            let target = try stage.folder.folder("leech")
            let leecher = try stage.startLeech(shared.path, dir: target, ["-e"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
        }
    }

    @Test("Rate limits hold, for sending and for receiving", arguments: ["--upload-limit", "--download-limit"])
    func rateLimits(option: String) async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "limited", size: 1 << 20))
            let limit = [option, "256K"]
            let seeder = try stage.startSeed(
                shared.path, dir: shared.folder, option == "--upload-limit" ? limit : [])
            let port = try await seeder.listeningPort()
            let leecher = try stage.startLeech(
                shared.path, dir: try stage.folder.folder("leech"),
                ["--peer", "127.0.0.1:\(port)", "-e"] + (option == "--download-limit" ? limit : []))
            let complete = try await leecher.waitForEvent("complete", within: .seconds(40))
            // Four seconds at the limit; a burst of a second's worth at the start is fair.
            let seconds = try #require(complete.seconds)
            #expect(seconds > 2.5)
            #expect(seconds < 20)
        }
    }
}
