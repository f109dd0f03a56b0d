import TestSupport
import Testing

/// A second file of the same torrent brings its trackers along.
@Suite("Two files of one torrent")
struct SameTorrentTests {
    @Test("The trackers of both are asked; of a private torrent those of the first alone", arguments: [false, true])
    func trackers(isPrivate: Bool) async throws {
        try await withStage { stage in
            let shared = try stage.share(.mixed(bytes: 60_000), isPrivate: isPrivate)
            let tracker = try await stage.startTracker()
            let second = stage.folder.path("second.torrent")
            try TestTorrent(
                of: shared.payload, at: shared.content, pieceLength: 32 << 10, announce: [tracker.announce],
                isPrivate: isPrivate
            ).write(to: second)
            let seeder = try stage.startSeed(second, dir: shared.folder)
            try await seeder.waitForEvent("seeding")
            let leecher = try stage.startLeech(shared.path, second, dir: try stage.folder.folder("leech"), ["-e"])
            let notice = try await leecher.waitForEvent("notice") { $0.code == "same_torrent" }
            #expect(notice.infohash == shared.infoHash)
            if isPrivate {
                #expect(notice.message?.contains("only the trackers of the first") == true, "\(leecher.log)")
                try await leecher.waitForEvent("verified")
                #expect(try await leecher.interrupt() == .code(7))
            } else {
                #expect(notice.message?.contains("its trackers are asked too") == true, "\(leecher.log)")
                #expect(try await leecher.waitForExit(within: .seconds(40)) == .code(0))
            }
        }
    }
}
