import Foundation
import TestSupport
import Testing

/// Files may be dated far beyond 2262, where a count of nanoseconds in 63 bits ends, and long before 1970.
@Suite("Files of far dates")
struct FarDatesTests {
    /// A date, in seconds since 1970; where a file system does not reach so far it takes the nearest it knows.
    enum Date: Int, CaseIterable, Sendable {
        case year2300 = 10_413_792_000
        case year2446 = 15_032_385_535
        case year1901 = -2_147_483_648
        case beyondAll = 9_000_000_000_000_000_000

        func set(_ paths: String...) throws {
            for path in paths { try SweepFile.setModified(path, timespec(tv_sec: rawValue, tv_nsec: 999_999_999)) }
        }
    }

    @Test("make, show, verify and magnet", arguments: Date.allCases)
    func commands(date: Date) async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 90_000))
            let files = FileTree.files(below: shared.content).map { "\(shared.content)/\($0)" }
            for path in files + [shared.content, shared.path] { try date.set(path) }
            let out = stage.folder.path("made.torrent")
            for arguments in [
                ["make", shared.content, "-o", out], ["show", shared.path], ["magnet", shared.path],
                ["verify", shared.path, "--dir", shared.folder], ["verify", out, "--dir", shared.folder],
            ] {
                let process = try await stage.run(Executables.peer, arguments)
                #expect(process.status == .code(0), "\(process.log)")
            }
        }
    }

    @Test("seed and leech, with a record and without", arguments: Date.allCases)
    func transfers(date: Date) async throws {
        try await withStage { stage in
            try await Self.transfer(
                HalfwayStage(
                    stage, SweepShape.several.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first),
                date)
        }
    }

    private static func transfer(_ half: HalfwayStage, _ date: Date) async throws {
        let stage = half.stage
        try await half.stopHalfway()
        try date.set("\(half.dir)/sweep/hit", "\(half.dir)/sweep/other/one", half.dir)
        let leecher = try await half.finish()
        #expect(leecher.status == .code(0), "\(leecher.log)")
        #expect(try half.truth().isWhole)

        try date.set("\(half.dir)/sweep/hit", "\(half.dir)/sweep/other/one", half.shared.path)
        // The second start has a record of the first.
        for isRecorded in [false, true] {
            let seeder = try stage.startSeed(half.shared.path, dir: half.dir)
            try await seeder.waitForEvent("seeding")
            #expect(seeder.events.first { $0.event == "verified" }?.fromResume == isRecorded, "\(seeder.log)")
            let target = try stage.folder.folder("second\(isRecorded)")
            let port = try await seeder.listeningPort()
            let second = try stage.startLeech(half.shared.path, dir: target, ["--peer", "127.0.0.1:\(port)", "-e"])
            #expect(try await second.waitForExit(within: .seconds(30)) == .code(0), "\(seeder.log)")
            #expect(try await seeder.interrupt() != .signal(4))
        }
        let again = try await half.finish()
        #expect(again.status == .code(0), "\(again.log)")
    }
}
