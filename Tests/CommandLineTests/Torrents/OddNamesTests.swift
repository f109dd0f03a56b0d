import Foundation
import TestSupport
import Testing
import TorrentCore

/// A torrent whose names no file can have is downloaded all the same, and nothing lands outside its folder.
@Suite("Names that no file can have")
struct OddNamesTests {
    private static let paths: [[Bencoded]] = [
        ["..", "..", "escaped"], ["a", "..", "..", "escaped"], ["a/../../escaped"], ["/tmp/escaped"], ["a", "", "b"],
        ["."], [.bytes([97, 0, 98])], [.text(String(repeating: "n", count: 400))], ["same"], ["same"], ["file"],
        ["file", "below"],
    ]

    private static let content = (0..<paths.count).map { [UInt8](repeating: UInt8($0 + 1), count: 3_000 + $0) }

    private static func torrent(name: Bencoded) -> TestTorrent {
        let files = zip(paths, content).map { path, bytes -> Bencoded in
            .dictionary([("length", .integer(bytes.count)), ("path", .list(path))])
        }
        let whole = [UInt8](content.joined())
        let pieces = stride(from: 0, to: whole.count, by: 16_384).flatMap {
            ReferenceSHA1.hash(whole[$0..<min($0 + 16_384, whole.count)])
        }
        return TestTorrent(
            info: ["files": .list(files), "name": name, "piece length": 16_384, "pieces": .bytes(pieces)])
    }

    @Test(
        "Seeded, shown and downloaded under names that were made safe",
        arguments: ["..", "/tmp/escaped", "", "folder"])
    func transfer(name: String) async throws {
        try await withStage { stage in
            let torrent = try Self.torrent(name: .text(name)).write(to: stage.folder.path("odd.torrent"))
            let metainfo = try Metainfo(parsing: FileTree.read(torrent))
            let source = try stage.folder.folder("work/source")
            for (file, bytes) in zip(metainfo.files, Self.content) {
                try FileTree.write(bytes, to: "\(source)/\(file.path)")
            }
            let target = try stage.folder.folder("work/target")
            let seeder = try stage.startSeed(torrent, dir: source)
            let port = try await seeder.listeningPort()
            let leecher = try stage.startLeech(torrent, dir: target, ["--peer", "127.0.0.1:\(port)", "-e"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0), "\(leecher.log)")
            #expect(FileTree.files(below: target) == FileTree.files(below: source))
            #expect(FileTree.files(below: target).count == Self.paths.count)
            for (file, bytes) in zip(metainfo.files, Self.content) {
                #expect(try FileTree.read("\(target)/\(file.path)") == bytes)
            }
            #expect(
                Set(FileTree.files(below: stage.folder.path("work")).map { $0.prefix(7) }) == ["source/", "target/"])
            #expect(!FileTree.exists("/tmp/escaped"))

            let shown = try await stage.peer("show", torrent, "-v")
            let text = shown.lines.joined(separator: "\n")
            for part in ["a_.._.._escaped", "same.1", #"for ["a", "", "b"]"#, #"["a\x00b"]"#, #"/same" is taken"#] {
                #expect(text.contains(part), "\(part) in\n\(text)")
            }
            let plain = try await stage.peer("show", torrent)
            #expect(plain.lines.contains { $0.contains("remarks, said with -v") }, "\(plain.log)")
        }
    }

    @Test("show --json tells what is odd")
    func json() async throws {
        try await withStage { stage in
            let torrent = stage.folder.path("odd.torrent")
            try FileTree.write(Self.torrent(name: "folder").encoded + [10], to: torrent)
            let text = try await stage.peer("show", torrent, "--json").lines.joined()
            #expect(text.contains(#""remarks":["a byte behind the torrent is ignored","#), "\(text)")
        }
    }
}
