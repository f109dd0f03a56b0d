import PeerRuntime
import SwarmEngine
import TestSupport
import Testing
import TorrentCore

/// Whole nodes in this process, over loopback.
@Suite struct PeerNodeTests {
    @Test(arguments: [SwarmRules(), .fitting, .serial])
    func aLeecherFetchesEverythingFromANamedSeeder(rules: SwarmRules) async throws {
        let home = try TemporaryFolder()
        let payload = Payload.mixed(bytes: 3_000_001)
        let source = try home.folder("source")
        try payload.write(below: source)
        let torrent = try TestTorrent(of: payload, at: "\(source)/\(payload.name)", pieceLength: 32_768)
        let metainfo = try Metainfo(parsing: torrent.encoded)

        let seeder = try TestNode(metainfo, folder: source, role: .seed) { $0.rules = rules }
        defer { seeder.node.stop() }
        seeder.node.start()
        let port = try await seeder.port()

        let target = home.path("target")
        let leecher = try TestNode(metainfo, folder: target, role: .leech) { options in
            options.peers = [PeerAddress(host: "127.0.0.1", port: port)]
            options.exitWhenDone = true
            options.rules = rules
        }
        leecher.node.start()
        let outcome = try await leecher.waitUntilStopped(within: .seconds(60))
        #expect(outcome.failures.isEmpty && outcome.unfinished == 0)
        #expect(
            try FileTree.differences("\(target)/\(payload.name)", from: "\(source)/\(payload.name)", exactly: true)
                == [])
    }
}
