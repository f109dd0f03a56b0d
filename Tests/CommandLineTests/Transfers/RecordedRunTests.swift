import SwarmEngine
import TestSupport
import Testing

/// `P2P_RECORD`: what happens to the brains of a run is written down, and can be replayed.
@Suite("Recorded runs")
struct RecordedRunTests {
    private static let variable = "P2P_RECORD"

    @Test("A seeder and a leecher leave a recording each, and both can be replayed")
    func transfer() async throws {
        try await withStage { stage in
            let folder = try stage.folder.folder("recordings")
            let shared = try stage.share(.mixed(bytes: 700_001))
            let seeder = try stage.start(
                Executables.peer, ["seed", shared.path, "--dir", shared.folder, "--listen", "127.0.0.1:0", "--json"],
                environment: [Self.variable: folder])
            let target = stage.folder.path("target")
            let leecher = try await stage.peer(
                "leech", shared.path, "--dir", target, "--listen", "127.0.0.1:0", "-e", "--peer",
                "127.0.0.1:\(try await seeder.listeningPort())", environment: [Self.variable: folder])
            #expect(leecher.status == .code(0), "\(leecher.log)")
            #expect(try await seeder.interrupt() == .code(130), "\(seeder.log)")
            #expect(try shared.differences(in: target) == [])
            let recordings = FileTree.files(below: folder)
            #expect(recordings == (1...2).map { "\(shared.infoHash)-\($0).recording" })
            for name in recordings {
                var replay = try Replay(try FileTree.read("\(folder)/\(name)"))
                #expect(try replay.firstDifference() == nil, "\(name)")
                #expect(replay.inputsAlike > 700_001 / 16_384, "\(name)")
            }
        }
    }

    @Test("A link leaves one recording, from before there is metadata to the end")
    func link() async throws {
        try await withStage { stage in
            let folder = try stage.folder.folder("recordings")
            let shared = try stage.share(.mixed(bytes: 700_001))
            let seeder = try stage.start(
                Executables.peer, ["seed", shared.path, "--dir", shared.folder, "--listen", "127.0.0.1:0", "--json"])
            let target = stage.folder.path("target")
            let leecher = try await stage.peer(
                "leech", "magnet:?xt=urn:btih:\(shared.infoHash)", "--dir", target, "--listen", "127.0.0.1:0", "-e",
                "--peer", "127.0.0.1:\(try await seeder.listeningPort())", environment: [Self.variable: folder])
            #expect(leecher.status == .code(0), "\(leecher.log)")
            #expect(try shared.differences(in: target) == [])
            let name = "\(shared.infoHash)-1.recording"
            #expect(FileTree.files(below: folder) == [name])
            let text = try FileTree.read("\(folder)/\(name)")
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
            #expect(lines.count { $0.contains(" admit-metadata ") } == 1)
            #expect(lines.count { $0.contains(" promoted ") } == 1)
            var replay = try Replay(text)
            #expect(try replay.firstDifference() == nil)
            #expect(replay.inputsAlike > 700_001 / 16_384)
        }
    }

    @Test("A folder that is none ends it at the start", arguments: [("nowhere", Int32(3)), ("film.torrent", 5)])
    func noFolder(name: String, code: Int32) async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000))
            for command in ["seed", "leech"] {
                let ended = try await stage.peer(
                    command, shared.path, "--dir", shared.folder, environment: [Self.variable: name])
                #expect(ended.status == .code(code), "\(ended.log)")
                #expect(ended.errorLines.count == 1 && ended.errorLines[0].contains("cannot record in \(name)"))
                #expect(ended.errorLines[0].hasSuffix("make it first") == (code == 3))
            }
        }
    }
}
