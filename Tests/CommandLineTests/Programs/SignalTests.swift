import Foundation
import TestSupport
import Testing

/// Who ends a program, and when.
@Suite("Signals")
struct SignalTests {
    private static let hash = "00112233445566778899aabbccddeeff01234567"

    @Test("After nohup SIGHUP ends neither tracker nor peer", arguments: ["tracker", "seed", "leech"])
    func inheritedIgnore(role: String) async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 50_000))
            let program = role == "tracker" ? Executables.tracker : Executables.peer
            let arguments =
                role == "tracker"
                ? ["--port", "0", "--bind", "127.0.0.1"]
                : [role, shared.path, "--dir", shared.folder, "--listen", "127.0.0.1:0"]
            let process = try stage.start(
                "/bin/sh", ["-c", "trap '' HUP; exec \"$0\" \"$@\"", program] + arguments + ["--json"])
            let port = try #require(try await process.waitForEvent("listening").port)
            if role != "tracker" { try await process.waitForEvent(role == "seed" ? "seeding" : "complete") }
            #expect(try Self.ignored(process) & 1 == 1)
            for _ in 0..<3 { process.signal(SIGHUP) }
            // A signal that is ignored leaves no trace; whoever answers after another one was heard has outlived it.
            try await process.waitUntilListening("127.0.0.1", port)
            process.signal(SIGTERM)
            let status = try await process.waitForExit(within: .seconds(10))
            #expect(status == .code(0))
        }
    }

    @Test("After nohup SIGHUP does not end make, and Ctrl-C still does")
    func inheritedIgnoreOfMake() async throws {
        try await withStage { stage in
            try Self.writeLongWork(to: stage.folder.path("huge"))
            let process = try stage.start(
                "/bin/sh", ["-c", "trap '' HUP; exec \"$0\" make huge -o out", Executables.peer])
            let catches = try await eventually(within: .seconds(60)) { try Self.caught(process) & 0x4002 == 0x4002 }
            #expect(catches)
            #expect(try Self.ignored(process) & 1 == 1)
            process.signal(SIGINT)
            #expect(try await process.waitForExit(within: .seconds(10)) == .code(130))
        }
    }

    @Test(
        "Signals in a row, as a system that shuts down sends them, do not cost the tracker its state",
        arguments: [[SIGTERM, SIGHUP], [SIGTERM, SIGTERM, SIGINT], [SIGINT, SIGINT], [SIGHUP, SIGTERM]])
    func inARow(signals: [Int32]) async throws {
        try await withStage { stage in
            let state = stage.folder.path("swarms")
            let tracker = try await stage.startTracker(["--state", state])
            for port in 5_001...5_200 { _ = try Self.announce(tracker, port: port) }
            for signal in signals { tracker.process.signal(signal) }
            #expect(try await tracker.process.waitForExit(within: .seconds(10)) == .code(0))
            let second = try await stage.startTracker(["--state", state])
            #expect(HTTPProbe.scrape(Self.hash, port: second.port)?.seeders == 200)
        }
    }

    @Test("Ctrl-C held down on a terminal does not cost the tracker its state either")
    func heldDown() async throws {
        try await withStage { stage in
            let state = stage.folder.path("swarms")
            let terminal = try OutputReader(.terminal)
            let tracker = try await stage.startTracker(
                ["--state", state], streams: ChildStreams(errors: terminal.childEnd, terminal: terminal.terminalPath))
            for port in 5_001...5_200 { _ = try Self.announce(tracker, port: port) }
            // So close together that the tracker is not at its end before.
            for _ in 0..<50 {
                terminal.type([3])
                usleep(200)
            }
            #expect(try await tracker.process.waitForExit(within: .seconds(10)) == .code(0))
            let second = try await stage.startTracker(["--state", state])
            #expect(HTTPProbe.scrape(Self.hash, port: second.port)?.seeders == 200)
        }
    }

    @Test("A second Ctrl-C from the terminal, after half a second, ends a peer that is still saying goodbye")
    func impatience() async throws {
        try await withStage { stage in
            // A peer says goodbye to its tracker, and waits two seconds for an answer.
            let asked = LockedList()
            let silent = try LoopbackServer { connection in
                asked.append(connection.receiveHead())
                while !connection.receive().isEmpty {}
            }
            let shared = try stage.share(.mixed(bytes: 50_000), announce: ["http://127.0.0.1:\(silent.port)/announce"])
            // On a machine that is busy with other things the goodbye may be over before the second Ctrl-C is typed.
            var attempt = 1
            while try await !isHurried(stage, shared, attempt, asked), attempt < 5 { attempt += 1 }
            #expect(attempt < 5)
        }
    }

    /// True if it had no time to say that it has stopped.
    private func isHurried(
        _ stage: Stage, _ shared: SharedTorrent, _ attempt: Int, _ asked: LockedList
    ) async throws -> Bool {
        let terminal = try OutputReader(.terminal)
        let leecher = try stage.startPeer(
            "leech", [shared.path], dir: try stage.folder.folder("leech \(attempt)"), [],
            streams: ChildStreams(errors: terminal.childEnd, terminal: terminal.terminalPath))
        let isAsked = try await eventually(within: .seconds(20)) { asked.all.count >= attempt }
        #expect(isAsked)
        let start = ContinuousClock.now
        terminal.type([3])
        _ = try await eventually(within: .seconds(20), every: .milliseconds(50)) {
            if ContinuousClock.now - start > .milliseconds(600) { terminal.type([3]) }
            return leecher.status != nil
        }
        #expect(leecher.status == .code(7))
        return !leecher.events.contains { $0.event == "stopped" }
    }

    @Test("Ctrl-C is not meant for what a script runs in the background; a signal to its number is")
    func background() async throws {
        try await withStage { stage in
            let terminal = try OutputReader(.terminal)
            let process = try stage.start(
                "/bin/sh",
                ["-c", "trap '' INT; exec \"$0\" --port 0 --bind 127.0.0.1 --json", Executables.tracker],
                streams: ChildStreams(errors: terminal.childEnd, terminal: terminal.terminalPath))
            let port = try #require(try await process.waitForEvent("listening").port)
            terminal.type([3, 3, 3])
            terminal.type(Array("typed\n".utf8))
            // The terminal shows it after it has sent the signals.
            _ = try await terminal.waitForLine { $0.hasSuffix("typed") }
            // Two that wait to be taken would be one.
            #expect(try await eventually(within: .seconds(20)) { try Self.mask("ShdPnd:", process) & 2 == 0 })
            try await process.waitUntilListening("127.0.0.1", port)
            #expect(process.status == nil)
            process.signal(SIGINT)
            #expect(try await process.waitForExit(within: .seconds(10)) == .code(0))
        }
    }

    /// A file that takes next to no room, and minutes to hash: a byte in each 16 MiB of 256 GiB, since a piece that is
    /// a hole as a whole is not read.
    private static func writeLongWork(to path: String) throws {
        try FileTree.write([], to: path)
        let file = open(path, O_WRONLY)
        defer { close(file) }
        for piece in 0..<16_384 { try #require(pwrite(file, [1], 1, off_t(piece) << 24) == 1) }
    }

    /// The signals that the process ignores, as the system has it: bit 0 is SIGHUP.
    private static func ignored(_ process: RunningProcess) throws -> UInt64 { try mask("SigIgn:", process) }
    private static func caught(_ process: RunningProcess) throws -> UInt64 { try mask("SigCgt:", process) }

    private static func mask(_ field: String, _ process: RunningProcess) throws -> UInt64 {
        let status = try String(contentsOfFile: "/proc/\(process.processID)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
        return line.flatMap { UInt64($0.dropFirst(field.count).filter(\.isHexDigit), radix: 16) } ?? 0
    }

    private static func announce(_ tracker: LocalTracker, port: Int) throws -> HTTPProbe.Answer {
        try HTTPProbe.get(
            "/announce?info_hash=\(HTTPProbe.escaped(hash))&peer_id=-TE0000-\(port)00000000&port=\(port)"
                + "&uploaded=0&downloaded=0&left=0&compact=1", port: tracker.port)
    }
}
