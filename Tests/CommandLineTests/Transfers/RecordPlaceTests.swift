import Foundation
import TestSupport
import Testing

/// Where a record belongs something else may stand: it stays there, and nobody waits for it.
@Suite("Something else in a record's place")
struct RecordPlaceTests {
    enum Thing: String, CaseIterable, Sendable {
        case pipe, folder, link, linkToNowhere, linkToPipe, socket, device

        func put(at path: String, outside: String) throws -> [Keepsake] {
            switch self {
            case .pipe: try SweepFile.check(mkfifo(path, 0o600), "mkfifo")
            case .folder:
                try FileTree.write([1, 2, 3], to: "\(path)/mine")
                return [try Keepsake("\(path)/mine")]
            case .link:
                try FileTree.write(SweepFile.foreign(300), to: "\(outside)/diary")
                try SweepFile.check(symlink("\(outside)/diary", path), "symlink")
                return [try Keepsake("\(outside)/diary"), try Keepsake(link: path)]
            case .linkToNowhere:
                try SweepFile.check(symlink("\(outside)/nothing", path), "symlink")
                return [try Keepsake(link: path)]
            case .linkToPipe:
                try SweepFile.check(mkfifo("\(outside)/pipe", 0o600), "mkfifo")
                try SweepFile.check(symlink("\(outside)/pipe", path), "symlink")
                return [try Keepsake(link: path)]
            case .socket: try SweepFile.check(mknod(path, S_IFSOCK | 0o600, 0), "mknod")
            case .device: try SweepFile.check(mknod(path, S_IFCHR | 0o600, 0x103), "mknod")
            }
            return []
        }

        /// Only root makes devices.
        static var possible: [Thing] { geteuid() == 0 ? allCases : allCases.filter { $0 != .device } }
    }

    @Test("A pipe, a folder, a link or a device in the record's place", arguments: Thing.possible)
    func inThePlace(thing: Thing) async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, SweepShape.single.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
            try await half.stopHalfway()
            let path = try stage.onlyRecord()
            let outside = try stage.folder.folder("outside")
            try SweepFile.remove(path)
            let keepsakes = try thing.put(at: path, outside: outside)
            let before = try SweepFile.status(path)
            let beside = Self.names(in: stage.records)

            let second = try await half.finish()
            #expect(second.status == .code(0), "\(second.log)")
            #expect(try half.truth().isWhole)
            let seeder = try stage.startSeed(half.shared.path, dir: half.dir)
            try await seeder.waitForEvent("seeding")
            _ = try await seeder.interrupt()
            #expect(try #require(seeder.timeToEnd) < .seconds(2))

            let after = try SweepFile.status(path)
            #expect(after.st_ino == before.st_ino && after.st_mode == before.st_mode)
            for keepsake in keepsakes { #expect(keepsake.loss == nil) }
            #expect(!FileTree.exists("\(outside)/nothing"))
            #expect(Self.names(in: stage.records) == beside)
        }
    }

    @Test("A pipe, a folder, a link or a device in the place of what else lies there", arguments: Thing.possible)
    func besideTheRecord(thing: Thing) async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, SweepShape.single.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
            try await half.stopHalfway()
            let outside = try stage.folder.folder("outside")
            let others = Self.names(in: stage.records).filter { !$0.hasSuffix(".resume") }
            // What the lock is kept by, and nothing else.
            #expect(others.count == 1, "\(others)")
            let path = "\(stage.records)/\(try #require(others.first))"
            try SweepFile.remove(path)
            let keepsakes = try thing.put(at: path, outside: outside)
            let before = try SweepFile.status(path)

            let second = try await half.finish()
            #expect(second.status == .code(0), "\(second.log)")
            #expect(try half.truth().isWhole)
            let after = try SweepFile.status(path)
            #expect(after.st_ino == before.st_ino && after.st_mode == before.st_mode)
            for keepsake in keepsakes { #expect(keepsake.loss == nil) }
            #expect(!FileTree.exists("\(outside)/nothing"))
        }
    }

    @Test(
        "A file, a pipe or nothing at all in the place of the folder of records", arguments: ["file", "pipe", "link"])
    func inThePlaceOfTheFolder(thing: String) async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, SweepShape.single.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
            let path = stage.folder.path("state")
            switch thing {
            case "file": try FileTree.write([1, 2, 3], to: path)
            case "pipe": try SweepFile.check(mkfifo(path, 0o600), "mkfifo")
            default: try SweepFile.check(symlink(stage.folder.path("nowhere"), path), "symlink")
            }
            let before = try SweepFile.status(path)
            half.sender.open()
            let leecher = try half.startLeech("-e", environment: ["P2P_STATE_DIR": path])
            let status = try await leecher.waitForExit(within: .seconds(20))
            // Without records it is slower, or it is refused with a word; it is never hung and never in silence.
            if status == .code(0) {
                #expect(try half.truth().isWhole)
            } else {
                #expect(status == .code(5), "\(leecher.log)")
                #expect(leecher.events.contains { $0.event == "error" && $0.message?.contains(path) == true })
            }
            let after = try SweepFile.status(path)
            #expect(after.st_ino == before.st_ino && after.st_mode == before.st_mode)
            #expect(thing != "file" || (try? FileTree.read(path)) == [1, 2, 3])
        }
    }

    private static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
}
