import TestSupport
import Testing

/// A file that somebody has put under the name of a download is theirs, whatever a record says of that name.
@Suite("Somebody's file under our name")
struct OthersFilesTests {
    /// What we knew of the name before somebody put a file there.
    enum Story: String, CaseIterable, Sendable {
        case nothingWritten, killedBeforeWriting, afterStopping, afterKilling, afterFinishing
    }

    /// How the file came there.
    enum Kind: String, CaseIterable, Sendable {
        case asLong, short, writtenOver
    }

    @Test("It is not overwritten", arguments: Story.allCases, Kind.allCases)
    func notOverwritten(story: Story, kind: Kind) async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, SweepShape.single.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
            try await Self.tell(story, half)
            let path = "\(half.dir)/sweep"
            let length = kind == .short ? 4_000 : half.shared.payload.length
            if kind == .writtenOver, FileTree.exists(path) {
                try SweepFile.put(SweepFile.foreign(length), at: 0, in: path)
            } else {
                if FileTree.exists(path) { try SweepFile.remove(path) }
                try FileTree.write(SweepFile.foreign(length), to: path)
            }
            let keepsake = try Keepsake(path)

            let second = try await half.finish()
            #expect(second.status == .code(5), "\(second.log)")
            #expect(keepsake.loss == nil)
            let error = try #require(second.events.first { $0.event == "error" })
            #expect(error.message?.contains(path) == true, "\(second.log)")
            #expect(error.message?.contains("--overwrite") == true, "\(second.log)")
            let third = try await half.finish("--overwrite")
            #expect(third.status == .code(0), "\(third.log)")
            #expect(try half.truth().isWhole)
        }
    }

    private static func tell(_ story: Story, _ half: HalfwayStage) async throws {
        switch story {
        case .nothingWritten, .killedBeforeWriting:
            let leecher = try half.startLonely()
            try await leecher.waitForEvent("verified")
            let isRecorded = try await eventually(within: .seconds(60)) {
                FileTree.files(below: half.stage.records).contains { $0.hasSuffix(".resume") }
            }
            #expect(isRecorded)
            if story == .killedBeforeWriting { leecher.kill() } else { _ = try await leecher.interrupt() }
        case .afterStopping:
            try await half.stopHalfway()
        case .afterKilling:
            let leecher = try half.startLeech()
            try await half.waitUntilHalf(leecher)
            // The flush window is two seconds.
            try await Task.sleep(for: .milliseconds(2_300))
            leecher.kill()
        case .afterFinishing:
            #expect(try await half.finish().status == .code(0))
        }
    }

    @Test("Another torrent's file of the same name is somebody's too")
    func anotherTorrent() async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, SweepShape.single.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
            try await Self.tell(.nothingWritten, half)
            // The other one is downloaded to the same name.
            let payload = Payload(file: "sweep", size: 180_003, seed: 99)
            let content = try payload.write(below: stage.folder.folder("other"))
            let torrent = try TestTorrent(of: payload, at: content, pieceLength: SweepShape.pieceLength)
            let path = try torrent.write(to: stage.folder.path("other.torrent"))
            let seeder = try stage.startSeed(path, dir: stage.folder.path("other"))
            let port = try await seeder.listeningPort()
            let other = try stage.startLeech(path, dir: half.dir, ["--peer", "127.0.0.1:\(port)", "-e"])
            #expect(try await other.waitForExit(within: .seconds(30)) == .code(0), "\(other.log)")
            let keepsake = try Keepsake("\(half.dir)/sweep")

            let second = try await half.finish()
            #expect(second.status == .code(5), "\(second.log)")
            #expect(keepsake.loss == nil)
            #expect(try FileTree.read("\(half.dir)/sweep") == FileTree.read(content))
        }
    }

    @Test("What is right stays so: how much, and what --overwrite would fetch, is said")
    func almostRight() async throws {
        try await withStage { stage in
            let half = try HalfwayStage(
                stage, Payload(file: "nearly", size: 92 << 14), pieceLength: 16 << 10, first: 0..<4)
            try half.writeWhole()
            try SweepFile.put(Mutation.marker, at: 70_000, in: "\(half.dir)/nearly")
            let keepsake = try Keepsake("\(half.dir)/nearly")
            let leecher = try await half.finish()
            #expect(leecher.status == .code(5), "\(leecher.log)")
            #expect(keepsake.loss == nil)
            let message = leecher.events.first { $0.event == "error" }?.message ?? ""
            #expect(message.contains("91 of 92 pieces"), "\(message)")
            #expect(message.contains("--overwrite") && message.contains("16 KiB"), "\(message)")
            let second = try await half.finish("--overwrite")
            #expect(second.status == .code(0), "\(second.log)")
            #expect(second.events.last { $0.event == "stopped" }?.downloaded == 16 << 10)
            #expect(try half.truth().isWhole)
        }
    }
}
