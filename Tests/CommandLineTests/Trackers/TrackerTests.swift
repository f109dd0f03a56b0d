import TestSupport
import Testing

/// `p2p-tracker` as scripts and browsers see it.
@Suite("Tracker")
struct TrackerTests {
    private static let hash = "00112233445566778899aabbccddeeff01234567"

    @Test("It brings two peers together over HTTP, and answers people, scripts and scrapers")
    func answers() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            _ = try announce(tracker, port: 5001, left: 0, event: "started")
            let second = try announce(tracker, port: 5002, left: 9, event: "started")
            // 127.0.0.1:5001, compact.
            #expect(second.body.firstRange(of: [127, 0, 0, 1, 0x13, 0x89]) != nil)
            #expect(HTTPProbe.scrape(Self.hash, port: tracker.port) == .init(seeders: 1, leechers: 1, downloads: 0))
            _ = try announce(tracker, port: 5002, left: 0, event: "completed")
            #expect(HTTPProbe.scrape(Self.hash, port: tracker.port) == .init(seeders: 2, leechers: 0, downloads: 1))

            let page = try HTTPProbe.get("/status", port: tracker.port)
            #expect(page.status == 200)
            #expect(page.head.lowercased().contains("text/html"))
            #expect(page.text.contains(Self.hash))
            let stats = try HTTPProbe.get("/stats.json", port: tracker.port)
            #expect(stats.status == 200)
            #expect(stats.text.hasPrefix("{"))
            let metrics = try HTTPProbe.get("/metrics", port: tracker.port)
            #expect(metrics.status == 200)
            #expect(metrics.text.contains("# TYPE"))
        }
    }

    @Test(
        "Requests that make no sense are answered, not obeyed, and end nothing",
        arguments: [
            "/announce", "/announce?info_hash=short", "/announce?info_hash=%zz&port=1", "/nowhere", "/scrape?",
            "/announce?info_hash=%00%11&peer_id=x&port=99999", "/../../etc/passwd",
        ])
    func badRequests(path: String) async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let answer = try HTTPProbe.get(path, port: tracker.port)
            #expect(answer.status >= 200)
            #expect(answer.text.contains("failure reason") || answer.status >= 400 || path.hasPrefix("/scrape"))
            #expect(!answer.text.contains("root:"))
            #expect(try HTTPProbe.get("/stats.json", port: tracker.port).status == 200)
        }
    }

    @Test("It ends on Ctrl-C and on SIGTERM, and --state brings its swarms back", arguments: [2, 15] as [Int32])
    func state(signal: Int32) async throws {
        try await withStage { stage in
            let file = stage.folder.path("swarms")
            let first = try await stage.startTracker(["--state", file])
            _ = try announce(first, port: 5001, left: 0, event: "started")
            _ = try announce(first, port: 5002, left: 7, event: "started")
            first.process.signal(signal)
            let status = try await first.process.waitForExit(within: .seconds(10))
            #expect(try #require(first.process.timeToEnd) < .seconds(2))
            #expect(status == .code(0) || status == .code(130))
            let second = try await stage.startTracker(["--state", file])
            #expect(HTTPProbe.scrape(Self.hash, port: second.port)?.seeders == 1)
            #expect(HTTPProbe.scrape(Self.hash, port: second.port)?.leechers == 1)
        }
    }

    @Test("A state file that is no state file does not keep it from starting, or is refused in one line")
    func badState() async throws {
        try await withStage { stage in
            let file = stage.folder.path("swarms")
            try FileTree.write([UInt8](repeating: 0xab, count: 1000), to: file)
            let process = try stage.start(
                Executables.tracker, ["--port", "0", "--bind", "127.0.0.1", "--json", "--state", file])
            _ = try await eventually(within: .seconds(10)) {
                process.status != nil || process.events.contains { $0.event == "listening" }
            }
            if let status = process.status {
                #expect(status == .code(5))
                #expect(process.errorLines.count == 1, "\(process.log)")
            } else {
                #expect(process.events.contains { $0.event == "listening" }, "\(process.log)")
            }
        }
    }

    private func announce(_ tracker: LocalTracker, port: Int, left: Int, event: String) throws -> HTTPProbe.Answer {
        try HTTPProbe.get(
            "/announce?info_hash=\(HTTPProbe.escaped(Self.hash))&peer_id=-TE0000-\(port)00000000&port=\(port)"
                + "&uploaded=0&downloaded=0&left=\(left)&compact=1&event=\(event)", port: tracker.port)
    }
}
