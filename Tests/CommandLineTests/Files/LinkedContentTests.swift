import Foundation
import TestSupport
import Testing

/// Content that its user keeps behind symbolic links is read, and nothing is written through them.
@Suite("Content behind links")
struct LinkedContentTests {
    private static let payload = Payload(name: "kept", files: [("a", 70_000), ("sub/b", 50_000)], seed: 8)

    /// What in the folder is a link to where the content really is.
    enum Linked: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case root = "kept"
        case folder = "kept/sub"
        case file = "kept/sub/b"
        var testDescription: String { "\(rawValue) is a link" }
    }

    @Test("seed serves it and verify checks it; leech says that it follows no links", arguments: Linked.allCases)
    func seed(linked: Linked) async throws {
        try await withStage { stage in
            let shared = try stage.share(Self.payload)
            let (folder, away) = (shared.folder, try stage.folder.folder("away"))
            let original = try Self.bytes(below: folder)
            let files = FileManager.default
            try files.moveItem(atPath: "\(folder)/\(linked.rawValue)", toPath: "\(away)/there")
            try files.createSymbolicLink(
                atPath: "\(folder)/\(linked.rawValue)", withDestinationPath: "\(away)/there")
            #expect(try await stage.peer("verify", shared.path, "--dir", folder).status == .code(0))

            let refused = try await stage.peer("leech", shared.path, "--dir", folder, "--listen", "127.0.0.1:0", "-e")
            #expect(refused.status == .code(5))
            #expect(refused.errorLines.contains { $0.contains("seed reads through links, leech follows none") })

            let seeder = try stage.startSeed(shared.path, dir: folder)
            let port = try await seeder.listeningPort()
            let target = try stage.folder.folder("leech")
            let leecher = try stage.startLeech(shared.path, dir: target, ["--peer", "127.0.0.1:\(port)", "-e"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try Self.bytes(below: target) == original)
            #expect(try await seeder.interrupt() == .code(130))
            #expect(FileTree.files(below: away).count == (linked == .root ? 2 : 1))
        }
    }

    private static func bytes(below folder: String) throws -> [[UInt8]] {
        try payload.files.map { try FileTree.read("\(folder)/kept/\($0.path)") }
    }

    @Test("A link that leads to other content while it is served is noticed, and nothing wrong is sent")
    func retargeted() async throws {
        try await withStage { stage in
            let shared = try stage.share(Self.payload)
            let (folder, away) = (shared.folder, try stage.folder.folder("away"))
            let link = "\(folder)/kept/a"
            let files = FileManager.default
            try files.moveItem(atPath: link, toPath: "\(away)/a")
            try FileTree.write([UInt8](repeating: 7, count: 70_000), to: "\(away)/other")
            try files.createSymbolicLink(atPath: link, withDestinationPath: "\(away)/a")
            let seeder = try stage.startSeed(shared.path, dir: folder)
            let port = try await seeder.listeningPort()
            let first = try stage.startLeech(
                shared.path, dir: try stage.folder.folder("first"), ["--peer", "127.0.0.1:\(port)", "-e"])
            #expect(try await first.waitForExit(within: .seconds(30)) == .code(0))

            try files.createSymbolicLink(atPath: "\(away)/new", withDestinationPath: "\(away)/other")
            try #require(rename("\(away)/new", link) == 0)
            // What it holds open is still right; looking at the path, which it does while it serves, tells that it is
            // another file now.
            _ = try stage.startLeech(
                shared.path, dir: try stage.folder.folder("second"), ["--peer", "127.0.0.1:\(port)"])
            try await seeder.waitForEvent("notice") { $0.code == "content_changed" }
            let again = try await seeder.waitForEvent("verified") { ($0.goodPieces ?? 9) < ($0.pieces ?? 0) }
            #expect(again.goodPieces == 1)
        }
    }
}
