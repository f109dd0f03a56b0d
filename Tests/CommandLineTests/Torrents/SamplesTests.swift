import Foundation
import TestSupport
import Testing

/// The samples hold what their torrents say, and the demonstration that README names works.
@Suite("Samples")
struct SamplesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Samples").path()

    @Test(arguments: [("single.torrent", "single"), ("multi.torrent", "")])
    func payloadsAreWhole(_ torrent: String, _ place: String) async throws {
        try await withStage { stage in
            let process = try await stage.peer(
                "verify", "\(Self.folder)/\(torrent)", "--dir", "\(Self.folder)/\(place)")
            #expect(process.status == .code(0), "\(process.log)")
        }
    }

    @Test(
        arguments: [
            ("demo.sh", "The same, byte for byte."), ("class.sh", "Four copies, the same byte for byte."),
        ])
    func theDemonstrationsEndWell(_ script: String, _ last: String) async throws {
        try await withStage { stage in
            let programs = (Executables.peer as NSString).deletingLastPathComponent
            let process = try await stage.run(
                "/usr/bin/env", ["bash", "\(Self.folder)/\(script)"], within: .seconds(120),
                environment: ["P2P_BIN": URL(filePath: programs).path(), "TMPDIR": stage.folder.path])
            #expect(process.status == .code(0), "\(process.log)")
            #expect(process.lines.last == last)
            #expect(FileTree.files(below: stage.folder.path) == [])
        }
    }
}
