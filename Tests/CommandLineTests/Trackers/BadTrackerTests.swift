import TestSupport
import Testing

/// A tracker that fails in its own way: it is told to the user in one line, and the download goes on without it.
@Suite("Bad trackers")
struct BadTrackerTests {
    /// How the fake tracker answers a request.
    enum Fault: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case html, failureReason, redirectLoop, notFound, empty, notBencode, closes, ssh

        var testDescription: String { rawValue }

        /// What of it is told.
        var words: String {
            switch self {
            case .html: "it answers with a web page"
            case .failureReason: "registered here"
            case .redirectLoop: "it redirects more than 5 times"
            case .notFound: "HTTP status 404 (not found)"
            case .empty: "its answer is empty"
            case .notBencode: "its answer ends early"
            case .closes: "it closes the connection without an answer"
            case .ssh: "an SSH server answers there"
            }
        }

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
            case .ssh: Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)
            }
        }
    }

    @Test("The download says so in one line and completes by another way", arguments: Fault.allCases)
    func fault(fault: Fault) async throws {
        try await withStage { stage in
            let requests = LockedList()
            let fake = try LoopbackServer { connection in
                let head = connection.receiveHead()
                requests.append(head)
                connection.send(fault.answer(head))
            }
            try await expectNotice(stage, announce: "http://127.0.0.1:\(fake.port)/announce") { notice in
                #expect(notice.message?.contains(fault.words) == true, "\(notice.message ?? "")")
            }
            // A redirect is followed a few times, and a failure is not asked again at once.
            #expect((1...25).contains(requests.all.count))
        }
    }

    @Test(
        "Peers are used, whatever else a tracker says",
        arguments: [
            "d5:peers6:{}e", "d11:external ip3:abc8:interval4:soon5:peers9:{}xyze\r\n<!-- 1 ms -->",
            "d8:intervali-1e5:peersli7e6:{}d2:ip3:a b4:porti1eee6:peers63:abce",
        ])
    func oddAnswers(answer: String) async throws {
        try await withStage { stage in
            let ports = LockedList()
            let fake = try LoopbackServer { connection in
                _ = connection.receiveHead()
                let port = ports.all.first.flatMap { UInt16($0) } ?? 0
                let parts = answer.split(separator: "{}").map { Array($0.utf8) }
                connection.send(httpAnswer(parts[0] + [127, 0, 0, 1, UInt8(port >> 8), UInt8(port & 255)] + parts[1]))
            }
            let untracked = try stage.share(.mixed(bytes: 60_000), torrentName: "untracked.torrent")
            let shared = try stage.share(
                .mixed(bytes: 60_000), announce: ["http://127.0.0.1:\(fake.port)/announce"])
            let seeder = try stage.startSeed(untracked.path, dir: untracked.folder)
            ports.append("\(try await seeder.listeningPort())")
            let target = try stage.folder.folder("leech")
            let leecher = try stage.startLeech(shared.path, dir: target, ["-e", "-v"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
        }
    }

    @Test("A tracker that is down")
    func down() async throws {
        try await withStage { stage in
            let gone = try LoopbackServer.freePort()
            try await expectNotice(stage, announce: "http://127.0.0.1:\(gone)/announce") { _ in }
        }
    }

    @Test("A UDP tracker that is down does not hold up the end")
    func udpDown() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 30_000), announce: ["udp://127.0.0.1:1/announce"])
            let leecher = try stage.startLeech(shared.path, dir: try stage.folder.folder("leech"))
            try await leecher.waitForEvent("listening")
            #expect(try await leecher.interrupt() == .code(7))
            #expect(try #require(leecher.timeToEnd) < .milliseconds(2_500))
        }
    }

    @Test("An answer of 100 MB is cut off")
    func hugeAnswer() async throws {
        try await withStage { stage in
            let sent = LockedList()
            let fake = try LoopbackServer { connection in
                _ = connection.receiveHead()
                connection.send(Array("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n".utf8))
                let chunk = [UInt8](repeating: UInt8(ascii: "l"), count: 1 << 20)
                for _ in 0..<100 where connection.send(chunk) { sent.append("MiB") }
            }
            try await expectNotice(stage, announce: "http://127.0.0.1:\(fake.port)/announce") { _ in }
            #expect(sent.all.count < 40)
        }
    }

    @Test("A second tier takes over when the first fails")
    func tiers() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let gone = try LoopbackServer.freePort()
            let shared = try stage.share(
                .mixed(bytes: 60_000), announce: ["http://127.0.0.1:\(gone)/announce", tracker.announce])
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            let target = try stage.folder.folder("leech")
            let leecher = try stage.startLeech(shared.path, dir: target, ["-e"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
        }
    }

    /// A leecher of a torrent with this tracker notices that it fails, stays, and completes from a peer named by hand.
    private func expectNotice(
        _ stage: Stage, announce: String, _ check: (ProgramEvent) throws -> Void
    ) async throws {
        let shared = try stage.share(.mixed(bytes: 60_000), announce: [announce])
        let untracked = try stage.share(.mixed(bytes: 60_000), torrentName: "untracked.torrent")
        let seeder = try stage.startSeed(untracked.path, dir: shared.folder)
        let port = try await seeder.listeningPort()
        let target = try stage.folder.folder("leech")
        let leecher = try stage.startLeech(shared.path, dir: target, ["--peer", "127.0.0.1:\(port)"])
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
