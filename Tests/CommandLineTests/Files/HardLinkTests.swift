import Foundation
import TestSupport
import Testing

/// A file with another name elsewhere is read and served, and never written through.
@Suite("Hard links")
struct HardLinkTests {
    @Test("A half-done download that is linked elsewhere is not written to", arguments: SweepShape.allCases)
    func notWrittenThrough(shape: SweepShape) async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, shape.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
            try await half.stopHalfway()
            // The file that lacks something.
            let path = shape == .single ? "\(half.dir)/sweep" : "\(half.dir)/sweep/other/one"
            let other = try stage.folder.folder("outside") + "/linked"
            try SweepFile.check(link(path, other), "link")
            let keepsake = try Keepsake(other)

            let second = try await half.finish()
            #expect(second.status == .code(5), "\(second.log)")
            #expect(second.events.contains { $0.event == "error" && $0.message?.contains(path) == true })
            #expect(keepsake.loss == nil)
            #expect(try SweepFile.status(path).st_nlink == 2)

            let third = try await half.finish("--overwrite")
            #expect(third.status == .code(0), "\(third.log)")
            #expect(keepsake.loss == nil)
            #expect(try SweepFile.status(path).st_ino != SweepFile.status(other).st_ino)
            #expect(try half.truth().isWhole)
        }
    }

    @Test("A finished one is there already, and is served")
    func read() async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, SweepShape.single.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
            try half.writeWhole()
            let other = try stage.folder.folder("outside") + "/linked"
            try SweepFile.check(link("\(half.dir)/sweep", other), "link")
            let keepsake = try Keepsake(other)
            let leecher = try await half.finish()
            #expect(leecher.status == .code(0), "\(leecher.log)")
            let seeder = try stage.startSeed(half.shared.path, dir: half.dir)
            let port = try await seeder.listeningPort()
            let target = try stage.folder.folder("second")
            let second = try stage.startLeech(half.shared.path, dir: target, ["--peer", "127.0.0.1:\(port)", "-e"])
            #expect(try await second.waitForExit(within: .seconds(30)) == .code(0), "\(seeder.log)")
            #expect(keepsake.loss == nil)
            #expect(try SweepFile.status("\(half.dir)/sweep").st_nlink == 2)
        }
    }

    @Test("A finished file that is too long is not cut through a link")
    func notCutThrough() async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, SweepShape.several.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
            try await half.stopHalfway()
            let path = "\(half.dir)/sweep/hit"
            try SweepFile.put(Mutation.marker, at: 100_000, in: path)
            let other = try stage.folder.folder("outside") + "/linked"
            try SweepFile.check(link(path, other), "link")
            let keepsake = try Keepsake(other)
            let second = try await half.finish()
            #expect(second.status == .code(5), "\(second.log)")
            #expect(keepsake.loss == nil)
            let third = try await half.finish("--overwrite")
            #expect(third.status == .code(0), "\(third.log)")
            #expect(keepsake.loss == nil)
            #expect(try half.truth().isWhole)
        }
    }
}
