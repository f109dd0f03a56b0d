import ByteStrings
import Foundation
import PeerEvents
import PeerRuntime
import SwarmEngine
import TestSupport
import Testing
import TorrentCore

/// Real runs, recorded and replayed.
@Suite struct RecordingTests {
    private static func recordings(in folder: String) -> [String] {
        FileTree.files(below: folder)
    }

    @Test(arguments: [SwarmRules.slots, .fitting, .serial])
    func bothSidesOfATransferCanBeReplayed(rules: SwarmRules) async throws {
        let stage = try NodeStage(.mixed(bytes: 3_000_001))
        let folder = try stage.home.folder("recordings")
        let (seeder, leecher) = try await stage.nodes { options in
            options.ends.whenDone = true
            options.rules = rules
            options.recordings = ByteString(folder)
        }
        let outcome = try await leecher.waitUntilStopped(within: .seconds(60))
        #expect(outcome.failures.isEmpty && outcome.unfinished == 0)
        seeder.node.stop()
        _ = try await seeder.waitUntilStopped()

        let name = "\(stage.metainfo.infoHash)"
        #expect(Self.recordings(in: folder) == ["\(name)-1.recording", "\(name)-2.recording"])
        for number in 1...2 {
            var replay = try Replay(try FileTree.read("\(folder)/\(name)-\(number).recording"))
            #expect(try replay.firstDifference() == nil)
            // All blocks came or left, and the session was stopped.
            #expect(replay.inputsAlike > 3_000_000 / 16_384)
        }
    }

    @Test func nothingIsRecordedOverAnotherFile() async throws {
        let stage = try NodeStage(Payload(file: "film", size: 100_000))
        let folder = try stage.home.folder("recordings")
        let taken = "\(folder)/\(stage.metainfo.infoHash)-1.recording"
        try FileTree.write([1, 2, 3], to: taken)
        let seeder = try TestNode(stage.metainfo, folder: stage.source, role: .seed) {
            $0.recordings = ByteString(folder)
        }
        seeder.node.start()
        _ = try await seeder.verified()
        seeder.node.stop()
        _ = try await seeder.waitUntilStopped()
        #expect(try FileTree.read(taken) == [1, 2, 3])
        #expect(Self.recordings(in: folder).count == 2)
    }

    @Test func aTransferGoesOnWithoutItsRecording() async throws {
        let stage = try NodeStage(.mixed(bytes: 3_000_001))
        let folder = try stage.home.folder("recordings")
        let seeder = try TestNode(stage.metainfo, folder: stage.source, role: .seed)
        seeder.node.start()
        let port = try await seeder.port()
        let leecher = try TestNode(stage.metainfo, folder: stage.target, role: .leech) {
            $0.ends.whenDone = true
            $0.recordings = ByteString(folder)
            $0.peers = [PeerAddress(host: "127.0.0.1", port: port)]
        }
        try FileManager.default.removeItem(atPath: folder)
        leecher.node.start()
        let outcome = try await leecher.waitUntilStopped(within: .seconds(60))
        #expect(outcome.failures.isEmpty && outcome.unfinished == 0)
        let notices = leecher.events.compactMap { if case .notice(_, let notice) = $0 { notice.code } else { nil } }
        #expect(notices.filter { $0 == "recording_ended" }.count == 1)
        seeder.node.stop()
        _ = try await seeder.waitUntilStopped()
    }

    private static func ends(of node: TestNode) -> Int {
        node.events.count { if case .notice(_, let notice) = $0 { notice.code == "recording_ended" } else { false } }
    }

    /// A seeder that nobody asks for anything, its recordings in `folder`.
    private static func idleSeeder(_ stage: NodeStage, _ folder: String) throws -> TestNode {
        try TestNode(stage.metainfo, folder: stage.source, role: .seed) { $0.recordings = ByteString(folder) }
    }

    /// Nothing happens to the session that would have it look.
    @Test func anIdleSeederTellsAtOnceThatItIsNotRecorded() async throws {
        let stage = try NodeStage(Payload(file: "film", size: 100_000))
        let folder = try stage.home.folder("recordings")
        let seeder = try Self.idleSeeder(stage, folder)
        try FileManager.default.removeItem(atPath: folder)
        seeder.node.start()
        try await seeder.wait("end of the recording", within: .seconds(5)) {
            if case .notice(_, let notice) = $0, notice.code == "recording_ended" { () } else { nil }
        }
        seeder.node.stop()
        _ = try await seeder.waitUntilStopped()
        #expect(Self.ends(of: seeder) == 1)
    }

    @Test func aLastPartThatIsNotWrittenIsTold() async throws {
        let stage = try NodeStage(Payload(file: "film", size: 100_000))
        let folder = try stage.home.folder("recordings")
        let seeder = try Self.idleSeeder(stage, folder)
        seeder.node.start()
        #expect(try await eventually(within: .seconds(60)) { Self.recordings(in: folder).count == 1 })
        try FileManager.default.removeItem(atPath: folder)
        seeder.node.stop()
        _ = try await seeder.waitUntilStopped()
        #expect(Self.ends(of: seeder) == 1)
    }

    @Test func aRecordingHoldsNoDescriptor() async throws {
        let stage = try NodeStage(Payload(file: "film", size: 100_000))
        let folder = try stage.home.folder("recordings")
        let seeder = try Self.idleSeeder(stage, folder)
        seeder.node.start()
        let name = "\(folder)/\(stage.metainfo.infoHash)-1.recording"
        #expect(try await eventually(within: .seconds(60)) { (try? FileTree.read(name).isEmpty) == false })
        let descriptors = "/proc/self/fd"
        #expect(
            try await eventually(within: .seconds(60)) {
                try FileManager.default.contentsOfDirectory(atPath: descriptors).allSatisfy { number in
                    let link = "\(descriptors)/\(number)"
                    return (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) != name
                }
            })
        seeder.node.stop()
        _ = try await seeder.waitUntilStopped()
        #expect(Self.ends(of: seeder) == 0)
    }
}
