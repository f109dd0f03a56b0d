import Foundation
import TestSupport
import Testing

/// The torrent of what is shared is kept, and made again when something there has changed.
@Suite("Torrents that share keeps")
struct KeptTorrentTests {
    /// Shares `paths` until it is served.
    private func share(_ stage: Stage, _ paths: String..., folder: String? = nil) async throws -> RunningProcess {
        let sharer =
            folder == nil
            ? try stage.startShare(paths)
            : try stage.start(
                "/usr/bin/env",
                ["-C", folder ?? "", Executables.peer, "share"] + paths
                    + ["--tracker", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--json"])
        try await sharer.waitForEvent("seeding", within: .seconds(30))
        _ = try await sharer.interrupt()
        return sharer
    }

    private func sharing(_ process: RunningProcess) throws -> ProgramEvent {
        try #require(process.events.first { $0.event == "sharing" })
    }

    @Test("It is made once, and nothing is hashed twice")
    func unchanged() async throws {
        try await withStage { stage in
            let content = try Payload.mixed(bytes: 300_000).write(below: stage.folder.path("stuff"))
            let before = FileTree.files(below: content)
            let first = try await share(stage, content)
            let second = try await share(stage, content)
            #expect(try sharing(first).made == true && sharing(second).made == false)
            #expect(try sharing(first).infohash == sharing(second).infohash)
            for process in [first, second] {
                #expect(process.events.first { $0.event == "verified" }?.fromResume == true, "\(process.log)")
                #expect(!process.events.contains { $0.event == "checking" })
            }
            #expect(FileTree.files(below: content) == before)
            #expect(FileTree.files(below: stage.folder.path("stuff")).count == before.count)
        }
    }

    @Test("It is made again when a file is edited, touched, added or taken away, or when the record is damaged")
    func changed() async throws {
        try await withStage { stage in
            let content = try Payload.mixed(bytes: 100_000).write(below: stage.folder.path)
            var last = try sharing(try await share(stage, content)).infohash
            let changes: [(name: String, isOther: Bool, change: () throws -> Void)] = [
                ("edit", true, { try FileTree.write([7], to: "\(content)/b/one") }),
                (
                    "touch", false,
                    {
                        try FileManager.default.setAttributes(
                            [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: "\(content)/b/one")
                    }
                ),
                ("add", true, { try FileTree.write([1, 2], to: "\(content)/new") }),
                ("take away", true, { try FileManager.default.removeItem(atPath: "\(content)/new") }),
                (
                    "damage", false,
                    {
                        let name = try #require(FileTree.files(below: stage.records).first { $0.hasSuffix(".made") })
                        var bytes = try FileTree.read("\(stage.records)/\(name)")
                        bytes[bytes.count / 2] ^= 1
                        try FileTree.write(bytes, to: "\(stage.records)/\(name)")
                    }
                ),
            ]
            for (name, isOther, change) in changes {
                try change()
                let said = try sharing(try await share(stage, content))
                #expect(said.made == true, "\(name)")
                #expect((said.infohash != last) == isOther, "\(name)")
                last = said.infohash
            }
        }
    }

    @Test("A path may end with a slash, be the folder one is in, or a link")
    func paths() async throws {
        try await withStage { stage in
            let content = try Payload.mixed(name: "inner", bytes: 50_000).write(below: stage.folder.path)
            stage.folder.link("link", to: "inner/a/large.bin")
            for process in [
                try await share(stage, content + "/"), try await share(stage, ".", folder: content),
                try await share(stage, stage.folder.path("link")),
            ] {
                let verified = try #require(process.events.first { $0.event == "verified" })
                #expect(verified.pieces == verified.goodPieces && verified.fromResume == true, "\(process.log)")
            }
        }
    }

    @Test("Several at once, each with a URL of its own")
    func several() async throws {
        try await withStage { stage in
            let one = try Payload(file: "one", size: 20_000).write(below: stage.folder.path)
            let two = try Payload.mixed(name: "two", bytes: 20_000).write(below: stage.folder.path)
            let sharer = try await share(stage, one, two)
            let urls = sharer.events.filter { $0.event == "sharing" }.compactMap { $0.urls?.first }
            #expect(urls.count == 2 && urls[0].hasSuffix("/one") && urls[1].hasSuffix("/two"), "\(urls)")
        }
    }
}
