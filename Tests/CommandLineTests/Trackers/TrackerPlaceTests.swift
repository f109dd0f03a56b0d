import TestSupport
import Testing

/// What a tracker is told of where it stands, and what its page tells strangers.
@Suite("Tracker and its place")
struct TrackerPlaceTests {
    @Test(
        "What cannot be an external address is a mistake on the command line",
        arguments: [
            ["127.0.0.1"], ["0.0.0.0"], ["ff02::1"], ["10.9.9.9"], ["fe80::1"], ["100.64.0.1"], ["example.org"],
            ["203.0.113.5", "203.0.113.6"], ["2001:db8::1", "2001:db8::2"],
        ])
    func externalAddresses(addresses: [String]) async throws {
        try await withStage { stage in
            let options = addresses.flatMap { ["--external-address", $0] }
            let tracker = try await stage.run(Executables.tracker, ["--port", "0"] + options)
            #expect(tracker.status == .code(2))
            #expect(tracker.log.contains("--external-address"))
        }
    }

    @Test("Behind an external address, the tracker is at that URL first, and says so on its page of figures")
    func externalURL() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker(
                ["--external-address", "203.0.113.5", "--external-address", "2001:db8::5"])
            let page = try HTTPProbe.get("/status", port: tracker.port).text
            let urls = page.matches(of: #/<code>(http:[^<]*)<\/code>/#).map { String($0.1) }
            #expect(
                urls == ["203.0.113.5", "[2001:db8::5]", "127.0.0.1"].map { "http://\($0):\(tracker.port)/announce" })
        }
    }

    @Test("The figures of a peer's tracker name its torrents, but none that is private")
    func names() async throws {
        try await withStage { stage in
            let port = try LoopbackServer.freePort()
            let announce = ["http://127.0.0.1:\(port)/announce"]
            let open = try stage.share(.mixed(name: "open <b>", bytes: 60_000), announce: announce)
            let closed = try stage.share(.mixed(name: "closed", bytes: 60_000), announce: announce, isPrivate: true)
            let seeder = try stage.startSeed(
                open.path, closed.path, dir: open.folder, ["--tracker", "127.0.0.1:\(port)"])
            let tracker = LocalTracker(process: seeder, port: port)
            for torrent in [open, closed] {
                try await tracker.waitForCounts(torrent.infoHash, "of the seeder") { $0.seeders == 1 }
            }
            let page = try HTTPProbe.get("/status", port: port).text
            #expect(page.contains(">open &lt;b&gt;</bdi>") && page.contains(open.infoHash))
            #expect(page.contains(closed.infoHash) && !page.contains(">closed"))
        }
    }
}
