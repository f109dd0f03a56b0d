import PeerRuntime
import SwarmEngine
import Synchronization
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
        let done = try await eventually(within: .seconds(60)) { leecher.hasStopped }
        try #require(done, "\(leecher.log)")
        let outcome = leecher.node.waitUntilDone()
        #expect(outcome.failures.isEmpty && outcome.unfinished == 0)
        #expect(
            try FileTree.differences("\(target)/\(payload.name)", from: "\(source)/\(payload.name)", exactly: true)
                == [])
    }
}

/// A node, and what it said.
final class TestNode: Sendable {
    let node: PeerNode
    private let events: EventLog

    init(
        _ metainfo: Metainfo, folder: String, role: PeerRole, _ configure: (inout PeerOptions) -> Void = { _ in }
    ) throws {
        let events = EventLog()
        self.events = events
        var options = PeerOptions()
        options.listen = Endpoint(.loopbackV4, port: 0)
        configure(&options)
        node = try PeerNode(options) { events.add($0) }
        try node.add(metainfo, folder: folder, role: role)
    }

    func port() async throws -> UInt16 {
        var port: UInt16?
        _ = try await eventually(within: .seconds(20)) {
            for case .listening(let endpoints) in events.all { port = endpoints.first?.port }
            return port != nil
        }
        return try #require(port)
    }

    var hasStopped: Bool {
        events.all.contains { event in
            if case .stopped = event { true } else { false }
        }
    }

    var log: String { events.all.map { "\($0)" }.joined(separator: "\n") }
}

private final class EventLog: Sendable {
    private let events = Mutex<[PeerEvent]>([])
    func add(_ event: PeerEvent) { events.withLock { $0.append(event) } }
    var all: [PeerEvent] { events.withLock { $0 } }
}
