import Foundation
import TestSupport
import Testing

/// `make`: the same input gives the same info hash, wherever and however it is made.
@Suite("make")
struct MakeTests {
    private static let payload = Payload.mixed(name: "holiday", bytes: 300_001, seed: 11)

    @Test("The info hash is what the metainfo's definition says")
    func infoHash() async throws {
        try await withStage { stage in
            let content = try Self.payload.write(below: try stage.folder.folder("in"))
            let out = stage.folder.path("out.torrent")
            let made = try await stage.peer(
                "make", content, "-l", "32K", "-o", out, "-a", "http://127.0.0.1:1/announce")
            #expect(made.status == .code(0), "\(made.log)")
            let expected = try TestTorrent(of: Self.payload, at: content, pieceLength: 32 << 10)
            #expect(try await Self.show(stage, out).infohash == expected.infoHash)
            #expect(String(decoding: made.bytes, as: UTF8.self).contains(expected.infoHash))
            #expect(try Self.contains(expected.info.encoded, in: FileTree.read(out)))
        }
    }

    @Test("Order of creation, dates, threads and place do not matter")
    func reproducible() async throws {
        try await withStage { stage in
            let first = try Self.payload.write(below: try stage.folder.folder("one"))
            let reversed = Payload(name: "holiday", files: Self.payload.files.reversed(), seed: 1)
            let second = try reversed.write(below: try stage.folder.folder("two/deep"))
            for file in Self.payload.files {
                try FileTree.write(FileTree.read("\(first)/\(file.path)"), to: "\(second)/\(file.path)")
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: 86_400)], ofItemAtPath: "\(second)/\(file.path)")
            }
            let one = try await stage.peer("make", first, "-o", "-", "--no-date", "-t", "1")
            let two = try await stage.peer("make", "\(second)/", "-o", "-", "--no-date", "-t", "3")
            #expect(one.status == .code(0))
            #expect(!one.bytes.isEmpty)
            #expect(one.bytes == two.bytes)
        }
    }

    @Test("-o - writes the very bytes that a file would get, and SOURCE_DATE_EPOCH dates them")
    func standardOutput() async throws {
        try await withStage { stage in
            let content = try Self.payload.write(below: try stage.folder.folder("in"))
            let out = stage.folder.path("file.torrent")
            let dated = ["SOURCE_DATE_EPOCH": "1234567890"]
            let file = try await stage.peer("make", content, "-o", out, environment: dated)
            #expect(file.status == .code(0), "\(file.log)")
            let piped = try await stage.peer("make", content, "-o", "-", environment: dated)
            #expect(try piped.bytes == FileTree.read(out))
            #expect(try await Self.show(stage, out).creationDate == 1_234_567_890)
        }
    }

    @Test("Without -o the torrent lies in the working folder under the content's name, and is not replaced unasked")
    func defaultOutput() async throws {
        try await withStage { stage in
            let content = try Self.payload.write(below: try stage.folder.folder("in"))
            let first = try await stage.peer("make", content)
            #expect(first.status == .code(0), "\(first.log)")
            let out = stage.folder.path("holiday.torrent")
            let bytes = try FileTree.read(out)
            let second = try await stage.peer("make", content, "-c", "another")
            #expect(second.status != .code(0))
            #expect(second.errorLines.count == 1, "\(second.log)")
            #expect(try FileTree.read(out) == bytes)
            let forced = try await stage.peer("make", content, "-c", "another", "-f")
            #expect(forced.status == .code(0))
            #expect(try FileTree.read(out) != bytes)
        }
    }

    @Test("--dry-run writes nothing")
    func dryRun() async throws {
        try await withStage { stage in
            let content = try Self.payload.write(below: try stage.folder.folder("in"))
            let before = FileTree.files(below: stage.folder.path)
            let process = try await stage.peer("make", content, "--dry-run")
            #expect(process.status == .code(0), "\(process.log)")
            #expect(process.lines.contains { $0.contains("middle.dat") }, "\(process.log)")
            #expect(FileTree.files(below: stage.folder.path) == before)
        }
    }

    @Test("Every option shows in the torrent")
    func options() async throws {
        try await withStage { stage in
            let content = try Self.payload.write(below: try stage.folder.folder("in"))
            let out = stage.folder.path("out.torrent")
            let made = try await stage.peer(
                "make", content, "-o", out, "-l", "16", "-n", "renamed", "-c", "some words", "-p", "--source", "HERE",
                "-w", "http://127.0.0.1/files/", "-e", "*.dat", "-a", "http://a/announce,http://b/announce",
                "-a", "udp://c:1/announce", "--date", "2001-09-09")
            #expect(made.status == .code(0), "\(made.log)")
            let shown = try await Self.show(stage, out)
            #expect(shown.name == "renamed")
            #expect(shown.pieceLength == 65_536)
            #expect(shown.comment == "some words")
            #expect(shown.private == true)
            #expect(shown.source == "HERE")
            #expect(shown.webSeeds == ["http://127.0.0.1/files/"])
            #expect(shown.announce == [["http://a/announce", "http://b/announce"], ["udp://c:1/announce"]])
            #expect(shown.files?.contains { $0.path.hasSuffix("middle.dat") } == false)
            #expect(shown.files?.count == Self.payload.files.count - 1)
            #expect(shown.creationDate == 999_993_600)
        }
    }

    @Test("A path that is not there, and nothing to share")
    func nothing() async throws {
        try await withStage { stage in
            let missing = try await stage.peer("make", "nowhere")
            #expect(missing.status == .code(3))
            #expect(missing.errorLines.count == 1, "\(missing.log)")
            let empty = try await stage.peer("make", try stage.folder.folder("empty"))
            #expect(empty.status != .code(0))
            #expect(empty.errorLines.count == 1, "\(empty.log)")
            #expect(!FileTree.exists(stage.folder.path("empty.torrent")))
        }
    }

    /// What `show --json` says of the torrent at `path`.
    static func show(_ stage: Stage, _ path: String) async throws -> ShownTorrent {
        let process = try await stage.peer("show", path, "--json")
        return try ShownTorrent(process)
    }

    private static func contains(_ part: [UInt8], in whole: [UInt8]) -> Bool {
        whole.indices.dropLast(part.count - 1).contains { whole[$0] == part[0] && whole[$0...].starts(with: part) }
    }
}

/// The object that `show --json` prints.
struct ShownTorrent: Decodable {
    struct File: Decodable, Equatable {
        var path: String
        var length: Int

        private enum CodingKeys: String, CodingKey { case path, length }

        /// The path may come as one string or as its parts.
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            length = try fields.decode(Int.self, forKey: .length)
            let parts = try? fields.decode([String].self, forKey: .path)
            path = try parts?.joined(separator: "/") ?? fields.decode(String.self, forKey: .path)
        }
    }

    var infohash: String
    var name: String
    var length: Int
    var pieceLength: Int
    var pieces: Int
    var `private`: Bool
    var announce: [[String]]
    var files: [File]?
    var comment: String?
    var creationDate: Int?
    var source: String?
    var webSeeds: [String]?

    init(_ process: RunningProcess) throws {
        guard process.status == .code(0) else { throw TestFailure(process.log) }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(ShownTorrent.self, from: Data(process.bytes))
        } catch {
            throw TestFailure("\(error)\n\(process.log)")
        }
    }
}
