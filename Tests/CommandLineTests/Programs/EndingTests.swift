import Foundation
import TestSupport
import Testing

/// How commands end, and what they say to the tracker when they do.
@Suite("Endings")
struct EndingTests {
    @Test("Ctrl-C ends a seeder within two seconds and the tracker hears of it")
    func interruptedSeeder() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker()
            let shared = try stage.share(.mixed(bytes: 50_000), announce: [tracker.announce])
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            try await tracker.waitForCounts(shared.infoHash, "of the seeder") { $0.seeders == 1 }
            let status = try await seeder.interrupt()
            #expect(try #require(seeder.timeToEnd) < .seconds(2))
            #expect(status == .code(0) || status == .code(130))
            #expect(seeder.events.last?.event == "stopped")
            #expect(seeder.events.last?.uploaded == 0)
            try await tracker.waitForCounts(shared.infoHash, "that the seeder has left") { $0.seeders == 0 }
        }
    }

    @Test("A leecher that is stopped early ends with 7 although its tracker never answers")
    func unfinished() async throws {
        try await withStage { stage in
            let silent = try LoopbackServer { connection in
                while !connection.receive().isEmpty {}
            }
            let shared = try stage.share(
                .mixed(bytes: 50_000), announce: ["http://127.0.0.1:\(silent.port)/announce"])
            let leecher = try stage.startLeech(shared.path, dir: try stage.folder.folder("leech"))
            try await leecher.waitForEvent("listening")
            #expect(try await leecher.interrupt() == .code(7))
            #expect(try #require(leecher.timeToEnd) < .milliseconds(2_500))
            #expect(leecher.events.last?.event == "stopped")
        }
    }

    @Test("Announces carry started once, completed once and stopped once")
    func announcedEvents() async throws {
        try await withStage { stage in
            let announces = Announces()
            let fake = try LoopbackServer { connection in announces.answer(connection) }
            let shared = try stage.share(
                .mixed(bytes: 60_000), announce: ["http://127.0.0.1:\(fake.port)/announce"])
            let seeder = try stage.startSeed(shared.path, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            let port = try await seeder.listeningPort()
            let leecher = try stage.startLeech(
                shared.path, dir: try stage.folder.folder("leech"), ["--peer", "127.0.0.1:\(port)"])
            let leecherPort = try await leecher.listeningPort()
            try await leecher.waitForEvent("complete")
            #expect(
                try await eventually(within: .seconds(60)) { announces.events(port: leecherPort).contains("completed") }
            )
            _ = try await leecher.interrupt()
            let events = announces.events(port: leecherPort).filter { !$0.isEmpty }
            #expect(events == ["started", "completed", "stopped"])
            _ = try await seeder.interrupt()
            // Who never lacked a piece never completes.
            #expect(announces.events(port: port).filter { !$0.isEmpty } == ["started", "stopped"])
        }
    }

    @Test("--seed-ratio ends a seeder that has sent its share")
    func seedRatio() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 200_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--seed-ratio", "1"])
            let port = try await seeder.listeningPort()
            let target = try stage.folder.folder("leech")
            let leecher = try stage.startLeech(shared.path, dir: target, ["--peer", "127.0.0.1:\(port)", "-e"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try await seeder.waitForExit(within: .seconds(15)) == .code(0))
            #expect((seeder.events.last { $0.event == "stopped" }?.uploaded ?? 0) >= shared.payload.length)
        }
    }

    @Test("--seed-time ends a seeder after so many minutes")
    func seedTime() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 40_000))
            let seeder = try stage.startSeed(shared.path, dir: shared.folder, ["--seed-time", "0.02"])
            #expect(try await seeder.waitForExit(within: .seconds(15)) == .code(0))
            #expect(seeder.events.contains { $0.event == "seeding" })
            #expect(try #require(seeder.timeToEnd) > .milliseconds(1_200))
        }
    }

    @Test("--exit-when-done ends at once where all is there already")
    func nothingToDo() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 40_000))
            let leecher = try stage.startLeech(shared.path, dir: shared.folder, ["--exit-when-done"])
            #expect(try await leecher.waitForExit(within: .seconds(15)) == .code(0))
            #expect(leecher.events.last { $0.event == "stopped" }?.downloaded == 0)
        }
    }

    @Test("Told to be quiet, a finished download says nothing")
    func quiet() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 40_000))
            let leecher = try await stage.peer(
                "leech", shared.path, "--dir", shared.folder, "--listen", "127.0.0.1:0", "-e", "-q")
            #expect(leecher.status == .code(0))
            #expect(leecher.bytes.isEmpty)
            #expect(leecher.errorLines == [])
        }
    }
}

/// A tracker of the test's own that knows nobody and remembers who announced what.
final class Announces: Sendable {
    private let seen = LockedList()

    func answer(_ connection: LoopbackConnection) {
        let head = connection.receiveHead()
        guard let path = head.split(separator: " ").dropFirst().first else { return }
        seen.append(String(path))
        let body: Bencoded = ["interval": 1800, "peers": ""]
        connection.send(httpAnswer(body.encoded))
    }

    /// The events that the peer listening on `port` announced, in order; empty for a plain announce.
    func events(port: Int) -> [String] {
        seen.all.filter { $0.contains("port=\(port)&") || $0.hasSuffix("port=\(port)") }.map { path in
            let event = path.split(whereSeparator: { "?&".contains($0) }).first { $0.hasPrefix("event=") }
            return event.map { String($0.dropFirst(6)) } ?? ""
        }
    }
}

/// Strings that several threads add to.
final class LockedList: @unchecked Sendable {
    private let lock = NSLock()
    private var items: [String] = []

    func append(_ item: String) {
        lock.lock()
        defer { lock.unlock() }
        items.append(item)
    }

    var all: [String] {
        lock.lock()
        defer { lock.unlock() }
        return items
    }
}

/// A whole HTTP answer around `body`.
func httpAnswer(_ body: [UInt8], status: String = "200 OK", type: String = "text/plain", extra: String = "") -> [UInt8]
{
    let head =
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n"
        + "\(extra)Connection: close\r\n\r\n"
    return Array(head.utf8) + body
}
