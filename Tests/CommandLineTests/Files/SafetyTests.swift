import Foundation
import TestSupport
import Testing

/// What lies in the download folder, and beside it, is safe from downloads.
@Suite("Nobody's files are lost")
struct SafetyTests {
    private static let payload = Payload(name: "safe", files: [("a", 70_000), ("sub/b", 50_000)], seed: 5)

    @Test("Foreign content under the same name is not overwritten")
    func foreignContent() async throws {
        try await withStage { stage in
            let (shared, port) = try await Self.seeded(stage)
            let target = try stage.folder.folder("leech")
            let foreign = Array("my own diary".utf8)
            try FileTree.write(foreign, to: "\(target)/safe/a")
            let leecher = try stage.startLeech(shared.path, dir: target, ["--peer", "127.0.0.1:\(port)", "-e"])
            try await leecher.waitForExit(within: .seconds(20))
            #expect(leecher.status != .code(0))
            #expect(leecher.events.contains { $0.event == "error" }, "\(leecher.log)")
            #expect(try FileTree.read("\(target)/safe/a") == foreign)
        }
    }

    @Test("With --overwrite it is")
    func overwrite() async throws {
        try await withStage { stage in
            let (shared, port) = try await Self.seeded(stage)
            let target = try stage.folder.folder("leech")
            try FileTree.write([UInt8](repeating: 1, count: 100_000), to: "\(target)/safe/a")
            let leecher = try stage.startLeech(
                shared.path, dir: target, ["--peer", "127.0.0.1:\(port)", "-e", "--overwrite"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try shared.differences(in: target) == [])
        }
    }

    @Test(
        "Content that matches by hash is used and not fetched again",
        arguments: [
            // The file that is there fills whole pieces, or shares its last one with a file that is missing.
            Payload(name: "safe", files: [("a", 64 << 10), ("sub/b", 50_000)], seed: 5), payload,
        ])
    func matchingContent(payload: Payload) async throws {
        try await withStage { stage in
            let (shared, port) = try await Self.seeded(stage, payload)
            let target = try stage.folder.folder("leech")
            try FileTree.write(FileTree.read("\(shared.content)/a"), to: "\(target)/safe/a")
            let leecher = try stage.startLeech(shared.path, dir: target, ["--peer", "127.0.0.1:\(port)", "-e"])
            let verified = try await leecher.waitForEvent("verified")
            #expect(verified.goodBytes == 64 << 10)
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            let fetched = leecher.events.last { $0.event == "stopped" }?.downloaded
            #expect(fetched == shared.payload.length - 64 << 10)
            #expect(try shared.differences(in: target) == [])
        }
    }

    @Test("Files of others in the folder are left alone")
    func neighbours() async throws {
        try await withStage { stage in
            let (shared, port) = try await Self.seeded(stage)
            let target = try stage.folder.folder("leech")
            try FileTree.write([1], to: "\(target)/safe/mine")
            try FileTree.write([2], to: "\(target)/other")
            let leecher = try stage.startLeech(shared.path, dir: target, ["--peer", "127.0.0.1:\(port)", "-e"])
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0))
            #expect(try FileTree.read("\(target)/safe/mine") == [1])
            #expect(try FileTree.read("\(target)/other") == [2])
        }
    }

    /// Where in the download folder a link to the outside lies.
    enum Planted: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case root, folder, file
        var testDescription: String { "as the torrent's \(rawValue)" }
    }

    @Test("A planted symbolic link leads nobody out of the folder", arguments: Planted.allCases, [false, true])
    func symlink(planted: Planted, overwrite: Bool) async throws {
        try await withStage { stage in
            let (shared, port) = try await Self.seeded(stage)
            let target = try stage.folder.folder("leech")
            let outside = try stage.folder.folder("outside")
            try FileTree.write([9, 9], to: "\(outside)/b")
            let link: (at: String, to: String) =
                switch planted {
                case .root: ("safe", outside)
                case .folder: ("safe/sub", outside)
                case .file: ("safe/sub/b", "\(outside)/b")
                }
            let parent = ("\(target)/\(link.at)" as NSString).deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: "\(target)/\(link.at)", withDestinationPath: link.to)

            let leecher = try stage.startLeech(
                shared.path, dir: target, ["--peer", "127.0.0.1:\(port)", "-e"] + (overwrite ? ["--overwrite"] : []))
            // It may refuse, or replace the link when told to overwrite; it may not follow it.
            try await leecher.waitForExit(within: .seconds(20))
            #expect(FileTree.files(below: outside) == ["b"])
            #expect(try FileTree.read("\(outside)/b") == [9, 9])
            if leecher.status == .code(0) {
                #expect(try shared.differences(in: target) == [])
            } else {
                #expect(leecher.events.contains { $0.event == "error" }, "\(leecher.log)")
            }
        }
    }

    private static func seeded(
        _ stage: Stage, _ payload: Payload = payload
    ) async throws -> (SharedTorrent, Int) {
        let shared = try stage.share(payload)
        let seeder = try stage.startSeed(shared.path, dir: shared.folder)
        return (shared, try await seeder.listeningPort())
    }
}
