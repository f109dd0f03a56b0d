import Foundation
import TestSupport
import Testing

/// A walk of the field's teaching projects: a tracker without a path, peers at ports of their own, torrents in JSON
/// that differ in where the file lies.
@Suite("Walk: two files that differ in their path")
struct PathWalkTests {
    @Test("A seeder and a leecher on given ports meet at a tracker without a path, and the file has another name there")
    func walk() async throws {
        try await withStage { stage in
            let tracker = try await stage.startTracker(port: try LoopbackServer.freePort())
            let film = stage.folder.path("up/film.bin")
            try FileTree.write(pattern(150_000), to: film)
            let announce = "http://127.0.0.1:\(tracker.port)"
            let made = try await stage.peer("make", film, "-a", announce, "-l", "32K")
            #expect(made.status == .code(0), "\(made.log)")
            let shown = try await stage.peer("show", "film.bin.torrent", "--json")
            try write(shown.bytes, path: "up/film.bin", to: stage.folder.path("seeder.json"))
            try write(shown.bytes, path: "down/saved.bin", to: stage.folder.path("leecher.json"))

            let ports = [try LoopbackServer.freePort(), try LoopbackServer.freePort()]
            let seeder = try stage.start(
                Executables.peer, ["seed", "seeder.json", "--listen", "127.0.0.1:\(ports[0])", "--json"])
            let seeding = try await seeder.waitForEvent("seeding")
            #expect(seeding.path == film)
            #expect(try await seeder.listeningPort() == ports[0])
            try await tracker.waitForCounts(seeding.infohash ?? "", "of the seeder") { $0.seeders == 1 }

            // In the same folder, at the same time, and one command is not in the way of the other.
            let leecher = try stage.start(
                Executables.peer,
                ["leech", "leecher.json", "--use-path", "--listen", "127.0.0.1:\(ports[1])", "--json"])
            let complete = try await leecher.waitForEvent("complete", within: .seconds(30))
            #expect(complete.infohash == seeding.infohash)
            #expect(complete.path == stage.folder.path("down/saved.bin"))
            #expect(try FileTree.read(stage.folder.path("down/saved.bin")) == FileTree.read(film))
            #expect(FileTree.files(below: stage.folder.path("down")) == ["saved.bin"])
            #expect(!FileTree.exists(stage.folder.path("film.bin")))
            try await tracker.waitForCounts(seeding.infohash ?? "", "of both") { $0.seeders == 2 }

            // Stopped and started again, it trusts its record of that place.
            #expect(try await leecher.interrupt() == .code(0))
            let again = try stage.start(
                Executables.peer, ["leech", "leecher.json", "--use-path", "--listen", "127.0.0.1:0", "--json"])
            #expect(try await again.waitForEvent("verified").fromResume == true)
        }
    }

    @Test("Where the path is part of the info dictionary, another path is another swarm, and show says so")
    func withinInfo() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 40_000))
            let paths = ["here/film", "there/film"]
            var hashes: Set<String> = [shared.infoHash]
            for (number, path) in paths.enumerated() {
                let torrent = try stage.restate(shared, path, as: "\(number).torrent", inInfo: true)
                let shown = try await stage.peer("show", torrent, "--json")
                #expect(shown.lines[0].contains("\"path_in_info\":true"))
                let object = try #require(
                    try JSONSerialization.jsonObject(with: Data(shown.bytes)) as? [String: Any])
                hashes.insert(try #require(object["infohash"] as? String))
                let people = try await stage.peer("show", torrent)
                #expect(people.lines.contains { $0.contains(path) && $0.contains("another swarm") }, "\(people.log)")
            }
            #expect(hashes.count == 3)
        }
    }

    /// The notation alone, with a `path` behind its other keys.
    private func write(_ shown: [UInt8], path: String, to file: String) throws {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(shown)) as? [String: Any])
        var torrent = try #require(object["metainfo"] as? [String: Any])
        torrent["path"] = path
        let text = try JSONSerialization.data(withJSONObject: torrent, options: [.prettyPrinted, .sortedKeys])
        try FileTree.write([UInt8](text), to: file)
    }
}
