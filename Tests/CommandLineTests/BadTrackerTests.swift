import TestSupport
import Testing

/// A tracker that fails in its own way: it is told to the user in one line, and the download goes on without it.
@Suite("Bad trackers")
struct BadTrackerTests {
    /// How the fake tracker answers a request.
    enum Fault: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case html, failureReason, redirectLoop, notFound, empty, notBencode, closes, wrongTypes

        var testDescription: String { rawValue }

        func answer(_ head: String) -> [UInt8] {
            let host = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("host: ") }?.dropFirst(6) ?? ""
            return switch self {
            case .html: httpAnswer(Array("<html>\u{1b}[31mSign in</html>".utf8), type: "text/html")
            case .failureReason:
                httpAnswer((["failure reason": "not \u{1b}[2Jregistered here"] as Bencoded).encoded)
            case .redirectLoop:
                httpAnswer([], status: "302 Found", extra: "Location: http://\(host)/announce?again=1\r\n")
            case .notFound: httpAnswer(Array("nothing here".utf8), status: "404 Not Found")
            case .empty: httpAnswer([])
            case .notBencode: httpAnswer(Array("d8:intervali".utf8))
            case .closes: []
            case .wrongTypes: httpAnswer((["interval": "soon", "peers": 7] as Bencoded).encoded)
            }
        }
    }

    @Test("The download says so in one line and completes by another way", arguments: Fault.allCases)
    func fault(fault: Fault) async throws {
        try await withBench { bench in
            let requests = LockedList()
            let fake = try LoopbackServer { connection in
                let head = connection.receiveHead()
                requests.append(head)
                connection.send(fault.answer(head))
            }
            try await expectNotice(bench, announce: "http://127.0.0.1:\(fake.port)/announce") { notice in
                if fault == .failureReason {
                    #expect(notice.message?.contains("registered here") == true)
                }
            }
            // A redirect is followed a few times, and a failure is not asked again at once.
            #expect((1...25).contains(requests.all.count))
        }
    }

    @Test("A tracker that is down")
    func down() async throws {
        try await withBench { bench in
            let gone = try LoopbackServer { _ in }
            gone.stop()
            try await expectNotice(bench, announce: "http://127.0.0.1:\(gone.port)/announce") { _ in }
        }
    }

    @Test("A UDP tracker that is down does not hold up the end")
    func udpDown() async throws {
        try await withBench { bench in
            let shared = try bench.share(.mixed(bytes: 30_000), announce: ["udp://127.0.0.1:1/announce"])
            let leecher = try bench.startLeech(shared.path, dir: try bench.folder.folder("leech"))
            try await leecher.waitForEvent("listening")
            #expect(try await leecher.interrupt() == .code(7))
            #expect(try #require(leecher.timeToEnd) < .milliseconds(2_500))
        }
    }

    @Test("An answer of 100 MB is cut off")
    func hugeAnswer() async throws {
        try await withBench { bench in
            let sent = LockedList()
            let fake = try LoopbackServer { connection in
                _ = connection.receiveHead()
                connection.send(Array("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n".utf8))
                let chunk = [UInt8](repeating: UInt8(ascii: "l"), count: 1 << 20)
                for _ in 0..<100 where connection.send(chunk) { sent.append("MiB") }
            }
            try await expectNotice(bench, announce: "http://127.0.0.1:\(fake.port)/announce") { _ in }
            #expect(sent.all.count < 40)
        }
    }

    @Test("A second tier takes over when the first fails")
    func tiers() async throws {
        try await withBench { bench in
            let tracker = try await bench.startTracker()
            let gone = try LoopbackServer { _ in }
            gone.stop()
            let shared = try bench.share(
                .mixed(bytes: 60_000), announce: ["http://127.0.0.1:\(gone.port)/announce", tracker.announce])
            let seeder = try bench.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            let target = try bench.folder.folder("leech")
            let leecher = try bench.startLeech(shared.path, dir: target, ["-e"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
        }
    }

    /// A leecher of a torrent with this tracker notices that it fails, stays, and completes from a peer named by hand.
    private func expectNotice(
        _ bench: Bench, announce: String, _ check: (ProgramEvent) throws -> Void
    ) async throws {
        let shared = try bench.share(.mixed(bytes: 60_000), announce: [announce])
        let untracked = try bench.share(.mixed(bytes: 60_000), torrentName: "untracked.torrent")
        let seeder = try bench.startSeed(untracked.path, dir: shared.folder)
        let port = try await seeder.listeningPort()
        let target = try bench.folder.folder("leech")
        let leecher = try bench.startLeech(shared.path, dir: target, ["--peer", "127.0.0.1:\(port)"])
        let notice = try await leecher.waitForEvent("notice") { $0.code == "tracker_failed" }
        let text = try #require(notice.message)
        #expect(!text.isEmpty)
        #expect(!text.contains("\n"))
        try check(notice)
        try await leecher.waitForEvent("complete", within: .seconds(60))
        #expect(try shared.differences(in: target) == [])
        #expect(leecher.status == nil, "a bad tracker ended the run\n\(leecher.log)")
    }
}
