import Foundation
import TestSupport
import Testing

/// As many torrents as somebody likes begin in one process, and one Ctrl-C ends them all.
@Suite("Many torrents at once", .serialized)
struct ManyTorrentsTests {
    /// 260 is more than the checks that one process could ever wait for at once; `P2P_MANY_TORRENTS` says another
    /// number, for optimised builds.
    private static let count = ProcessInfo.processInfo.environment["P2P_MANY_TORRENTS"].flatMap { Int($0) } ?? 260

    /// After so many torrents of a hundred the end is asked for.
    private static let momentsOfTheEnd = [0, 1, 7, 31, 64, 99]

    @Test("All are checked and seeded from a fresh start")
    func allStart() async throws {
        try await withStage { stage in
            let (paths, folder) = try Self.torrents(stage)
            let seeder = try stage.startPeer("seed", paths, dir: folder, [])
            let areSeeded = try await eventually(within: .seconds(60), every: .milliseconds(200)) {
                seeder.status != nil || Self.count(of: "seeding", seeder) >= paths.count
            }
            #expect(areSeeded, "\(Self.count(of: "seeding", seeder)) of \(paths.count) are seeded")
            #expect(Set(seeder.events.filter { $0.event == "seeding" }.map(\.infohash)).count == paths.count)
            #expect(seeder.events.filter { $0.event == "verified" }.allSatisfy { $0.goodPieces == $0.pieces })
            try await Self.expectEnd(of: seeder, paths.count)
            // And once more, with the records of the first time.
            let second = try stage.startPeer("seed", paths, dir: folder, [])
            let areSeededAgain = try await eventually(within: .seconds(60), every: .milliseconds(200)) {
                second.status != nil || Self.count(of: "seeding", second) >= paths.count
            }
            #expect(areSeededAgain, "\(Self.count(of: "seeding", second)) of \(paths.count) are seeded")
            #expect(second.events.filter { $0.event == "verified" }.allSatisfy { $0.fromResume == true })
            try await Self.expectEnd(of: second, paths.count)
        }
    }

    @Test("Ctrl-C ends them at any moment of a fresh start", arguments: ["seed", "leech"])
    func interrupted(role: String) async throws {
        try await withStage { stage in
            let (paths, folder) = try Self.torrents(stage)
            for percent in Self.momentsOfTheEnd {
                let process = try stage.start(
                    Executables.peer, [role] + paths + ["--dir", folder, "--listen", "127.0.0.1:0", "--json"],
                    name: "\(role) until \(percent) %",
                    environment: ["P2P_STATE_DIR": stage.folder.path("state\(percent)")])
                let goal = paths.count * percent / 100
                let isThere = try await eventually(within: .seconds(60), every: .milliseconds(5)) {
                    process.status != nil
                        || goal == 0 && Self.count(of: "listening", process) > 0
                        || goal > 0 && Self.count(of: "verified", process) >= goal
                }
                #expect(isThere, "\(Self.count(of: "verified", process)) of \(goal) are checked")
                try await Self.expectEnd(of: process, paths.count)
            }
        }
    }

    /// Ctrl-C ends it within two seconds, and every torrent has its last word.
    private static func expectEnd(of process: RunningProcess, _ torrents: Int) async throws {
        _ = try await process.interrupt()
        #expect(try #require(process.timeToEnd) < .seconds(2))
        if case .signal(let number) = process.status { Issue.record("ended by signal \(number)") }
        #expect(Set(process.events.filter { $0.event == "stopped" }.map(\.infohash)).count == torrents)
        #expect(!process.events.contains { $0.event == "error" }, "\(process.log)")
    }

    /// Counted by the line: to decode them all, again and again, would take the time that is to be watched.
    private static func count(of event: String, _ process: RunningProcess) -> Int {
        process.lines.count { $0.contains("\"event\":\"\(event)\"") }
    }

    private static func torrents(_ stage: Stage) throws -> (paths: [String], folder: String) {
        let shared = try (0..<count).map {
            try stage.share(Payload(file: "t\($0)", size: 20_000 + $0, seed: UInt64($0)), pieceLength: 16 << 10)
        }
        return (shared.map { String($0.path.dropFirst(stage.folder.path.count + 1)) }, shared[0].folder)
    }
}
