import Foundation
import TestSupport
import Testing

/// A torrent that says where its content is: below the folder that is worked in, and nowhere else.
@Suite("The path in a torrent")
struct StatedPathTests {
    @Test("verify and seed find the content where the path says, unless a folder is named")
    func found() async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 40_000))
            let path = try stage.restate(shared, "kept/elsewhere", as: "path.torrent")
            try FileTree.copy(shared.folder, to: stage.folder.path("kept"))
            try FileManager.default.moveItem(
                atPath: stage.folder.path("kept/mixed"), toPath: stage.folder.path("kept/elsewhere"))
            #expect(try await stage.peer("verify", path).status == .code(0))
            #expect(try await stage.peer("verify", path, "--dir", "kept").status == .code(6))
            #expect(try await stage.peer("verify", path, "--dir", shared.folder).status == .code(0))
            let shown = try await stage.peer("show", path, "--json")
            #expect(shown.lines[0].contains("\"path\":\"kept/elsewhere\",\"path_in_info\":false"))
            let seeder = try stage.start(Executables.peer, ["seed", path, "--listen", "127.0.0.1:0", "--json"])
            let seeding = try await seeder.waitForEvent("seeding")
            #expect(seeding.path == stage.folder.path("kept/elsewhere"))
            #expect(seeding.infohash == shared.infoHash)
        }
    }

    @Test("What leads out of the folder is refused before anything is done", arguments: ["seed", "verify", "leech"])
    func refused(command: String) async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 1_000))
            try FileManager.default.createSymbolicLink(
                atPath: stage.folder.path("link"), withDestinationPath: "/tmp")
            try FileManager.default.createSymbolicLink(
                atPath: stage.folder.path("nowhere"), withDestinationPath: "missing/file")
            for (path, words) in [
                ("/etc/passwd", "is absolute"), ("../film", "climbs"), ("a/../../b", "climbs"),
                ("link/film", "leads out of this folder"), ("nowhere", "leads nowhere"),
            ] {
                let torrent = try stage.restate(shared, path, as: "path.torrent")
                let run = try await stage.run(
                    Executables.peer, [command, torrent] + (command == "leech" ? ["--use-path"] : []))
                #expect(run.status == .code(4), "\(run.log)")
                #expect(run.errorLines.first?.contains(words) == true, "\(run.log)")
            }
            // Where nobody goes by it, it does no harm.
            let torrent = try stage.restate(shared, "/etc/passwd", as: "path.torrent")
            #expect(try await stage.peer("verify", torrent, "--dir", shared.folder).status == .code(0))
        }
    }

    @Test("A folder, or a slash behind it, holds the file under its own name")
    func holder() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 50_000))
            for path in ["seed", "seed/", "./seed//film"] {
                let torrent = try stage.restate(shared, path, as: "path.torrent")
                #expect(try await stage.peer("verify", torrent).status == .code(0), "\(path)")
                let got = try await stage.peer("get", torrent, "--use-path", "--listen", "127.0.0.1:0")
                #expect(got.status == .code(0) && got.lines.last == "./seed/film", "\(got.log)")
            }
        }
    }
}

extension Stage {
    /// The same torrent with a `path`, beside the info dictionary or in it.
    func restate(_ shared: SharedTorrent, _ path: String, as name: String, inInfo: Bool = false) throws -> String {
        let text = Array("4:path\(path.utf8.count):\(path)".utf8)
        let bytes = try FileTree.read(shared.path)
        // `path` comes before `piece length` there, and after `info` here.
        let at = inInfo ? bytes.firstRange(of: Array("12:piece length".utf8))?.lowerBound : bytes.count - 1
        guard let at else { throw TestFailure("no place for a path") }
        let target = folder.path(name)
        try FileTree.write(Array(bytes[..<at]) + text + Array(bytes[at...]), to: target)
        return target
    }
}
