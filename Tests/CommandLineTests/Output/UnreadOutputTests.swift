import Foundation
import TestSupport
import Testing

/// Whoever reads what a service says, or does not, neither stops nor ends it.
@Suite("Unread output")
struct UnreadOutputTests {
    private static let hash = "00112233445566778899aabbccddeeff01234567"

    @Test("A tracker whose messages nobody reads answers on and keeps its state", arguments: OutputReader.Kind.allCases)
    func trackerMessages(kind: OutputReader.Kind) async throws {
        try await withStage { stage in
            let reader = try OutputReader(kind)
            reader.stall()
            let state = stage.folder.path("swarms")
            let tracker = try await stage.startTracker(
                ["-v", "--state", state], streams: ChildStreams(errors: reader.childEnd))
            for port in 5_001...5_020 { try Self.announce(tracker, port: port) }
            tracker.process.signal(SIGTERM)
            #expect(try await tracker.process.waitForExit(within: .seconds(10)) == .code(0))
            let second = try await stage.startTracker(["--state", state])
            #expect(HTTPProbe.scrape(Self.hash, port: second.port)?.seeders == 20)
        }
    }

    @Test(
        "A tracker whose reader has left answers on and keeps its state", arguments: [OutputReader.Kind.pipe, .socket])
    func trackerWithoutReader(kind: OutputReader.Kind) async throws {
        try await withStage { stage in
            let reader = try OutputReader(kind)
            let state = stage.folder.path("swarms")
            let process = try stage.start(
                Executables.tracker, ["--port", "0", "--bind", "127.0.0.1", "--json", "-v", "--state", state],
                streams: ChildStreams(output: reader.childEnd, errors: reader.childEnd))
            let line = try await reader.waitForLine { $0.contains("listening") }
            let tracker = LocalTracker(process: process, port: try #require(ProgramEvent(line)?.port))
            reader.leave()
            for port in 5_001...5_020 { try Self.announce(tracker, port: port) }
            process.signal(SIGTERM)
            #expect(try await process.waitForExit(within: .seconds(10)) == .code(0))
            let second = try await stage.startTracker(["--state", state])
            #expect(HTTPProbe.scrape(Self.hash, port: second.port)?.seeders == 20)
        }
    }

    @Test("What a tracker could not say is counted, and said where it belongs", arguments: OutputReader.Kind.allCases)
    func droppedLines(kind: OutputReader.Kind) async throws {
        try await withStage { stage in
            let reader = try OutputReader(kind)
            let tracker = try await stage.startTracker(["-v"], streams: ChildStreams(errors: reader.childEnd))
            reader.stall()
            // More than any buffer between holds.
            let long = String(repeating: "x", count: 250)
            let last = 5_000
            try Self.get((1..<last).map { "/page-\($0)-\(long)" }, tracker)
            let notice = try await reader.waitForLine("notice of dropped lines") { $0.contains("dropped") }
            let dropped = try #require(Int(notice.filter(\.isNumber)))
            // There is room again.
            try Self.get("/page-\(last)-", tracker)
            _ = try await reader.waitForLine("line of the last request") { $0.contains("/page-\(last)-") }
            let numbers = reader.lines.compactMap { line in
                line.firstMatch(of: #/\/page-(\d+)-/#).flatMap { Int($0.1) }
            }
            #expect(numbers.count + dropped == last, "\(numbers)")
            #expect(numbers == numbers.sorted())
            // The first ones said are those from before, without a hole, and the notice stands where the hole is.
            let before = reader.lines.prefix { !$0.contains("dropped") }.count { $0.contains("/page-") }
            #expect(Array(numbers.prefix(before)) == Array(1...before))
            #expect(before < last - 1 && numbers.dropFirst(before).first == before + dropped + 1)
        }
    }

    @Test(
        "Peers whom nobody reads transfer all the same",
        arguments: [(.pipe, ["--json"]), (.terminal, ["--json"]), (.terminal, [])] as [(OutputReader.Kind, [String])])
    func transfer(kind: OutputReader.Kind, form: [String]) async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(.mixed(bytes: 300_000), announce: [tracker.announce])
            let readers = try (0..<2).map { _ in try OutputReader(kind) }
            for reader in readers { reader.stall() }
            func start(_ arguments: [String], _ reader: OutputReader) throws -> RunningProcess {
                try stage.start(
                    Executables.peer, arguments + form + ["-v", "--listen", "127.0.0.1:0"],
                    streams: ChildStreams(output: reader.childEnd, errors: reader.childEnd))
            }
            let seeder = try start(["seed", shared.path, "--dir", shared.folder], readers[0])
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            let target = try stage.folder.folder("leech")
            let leecher = try start(["leech", shared.path, "--dir", target, "-e"], readers[1])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
            #expect(try await seeder.interrupt() == .code(130))
        }
    }

    @Test("A seeder whose reader has left serves on", arguments: [["--json"], []])
    func seederWithoutReader(form: [String]) async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(.mixed(bytes: 300_000), announce: [tracker.announce])
            let reader = try OutputReader(.pipe)
            let seeder = try stage.start(
                Executables.peer, ["seed", shared.path, "--dir", shared.folder, "--listen", "127.0.0.1:0"] + form,
                streams: ChildStreams(output: reader.childEnd, errors: reader.childEnd))
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            reader.leave()
            for name in ["first", "second"] {
                let target = try stage.folder.folder(name)
                // So slow that the seeder has something to say while it serves, each second.
                let leecher = try stage.startLeech(shared.path, dir: target, ["-e", "--download-limit", "120K"])
                #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
                #expect(try shared.differences(in: target) == [])
            }
            #expect(try await seeder.interrupt() == .code(130))
        }
    }

    @Test(
        "Services work with their streams closed or on a full disk",
        arguments: [">&- 2>&-", ">/dev/full 2>/dev/full"])
    func withoutStreams(redirections: String) async throws {
        try await withStage { stage in
            let port = try LoopbackServer.freePort()
            let shared = try stage.share(.mixed(bytes: 300_000), announce: ["http://127.0.0.1:\(port)/announce"])
            let state = stage.folder.path("swarms")
            let target = try stage.folder.folder("leech")
            func start(_ program: String, _ arguments: [String]) throws -> RunningProcess {
                try stage.start("/bin/sh", ["-c", "exec \"$0\" \"$@\" \(redirections)", program] + arguments)
            }
            let tracker = try start(
                Executables.tracker, ["--port", "\(port)", "--bind", "127.0.0.1", "-v", "--state", state])
            try await tracker.waitUntilListening("127.0.0.1", port)
            let seeder = try start(Executables.peer, ["seed", shared.path, "--dir", shared.folder, "-v"])
            let leecher = try start(Executables.peer, ["leech", shared.path, "--dir", target, "-e", "--json", "-v"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
            #expect(try await seeder.interrupt() == .code(130))
            #expect(try await tracker.interrupt() == .code(0))
            let second = try await stage.startTracker(["--state", state])
            #expect(HTTPProbe.scrape(shared.infoHash, port: second.port)?.downloads == 1)
        }
    }

    @Test("A log that may not grow ends no tracker")
    func limitedLog() async throws {
        try await withStage { stage in
            let port = try LoopbackServer.freePort()
            let script = "ulimit -f 1; exec \"$0\" \"$@\" >log 2>&1"
            let process = try stage.start(
                "/bin/sh", ["-c", script, Executables.tracker, "--port", "\(port)", "--bind", "127.0.0.1", "-v"])
            try await process.waitUntilListening("127.0.0.1", port)
            let tracker = LocalTracker(process: process, port: port)
            for announced in 5_001...5_050 { try Self.announce(tracker, port: announced) }
            #expect(try await process.interrupt() == .code(0))
            // It was full before the end.
            #expect((FileTree.size(stage.folder.path("log")) ?? 0).isMultiple(of: 512))
        }
    }

    @Test("What was said before the end arrives, although it is read late")
    func lastWords() async throws {
        try await withStage { stage in
            let reader = try OutputReader(.pipe)
            let shared = try stage.share(.mixed(bytes: 40_000))
            let leecher = try stage.startPeer(
                "leech", [shared.path], dir: shared.folder, ["-e"], streams: ChildStreams(output: reader.childEnd))
            #expect(try await leecher.waitForExit(within: .seconds(15)) == .code(0))
            reader.read()
            #expect(reader.lines.compactMap { ProgramEvent($0)?.event }.suffix(2) == ["complete", "stopped"])
        }
    }

    private static func announce(_ tracker: LocalTracker, port: Int) throws {
        try get(
            "/announce?info_hash=\(HTTPProbe.escaped(hash))&peer_id=-TE0000-\(port)00000000&port=\(port)"
                + "&uploaded=0&downloaded=0&left=0&compact=1", tracker)
    }

    /// Asks for all of them through one connection. Throws unless each is answered.
    private static func get(_ paths: [String], _ tracker: LocalTracker) throws {
        let connection = try LoopbackConnection(connectingTo: tracker.port)
        for start in stride(from: 0, to: paths.count, by: 20) {
            let asked = paths[start..<min(start + 20, paths.count)]
            connection.send(Array(asked.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined().utf8))
            var answers = ""
            while answers.components(separatedBy: "HTTP/1.1 ").count <= asked.count {
                let more = connection.receive()
                guard !more.isEmpty else { throw TestFailure("\(asked.first ?? ""): no answer") }
                answers += String(decoding: more, as: UTF8.self)
            }
        }
    }

    /// Throws unless it is answered, so that a tracker that has gone dumb fails a test at once.
    private static func get(_ path: String, _ tracker: LocalTracker) throws {
        let answer = try HTTPProbe.get(path, port: tracker.port)
        guard answer.status > 0 else { throw TestFailure("\(path.prefix(40)): no answer") }
    }
}
