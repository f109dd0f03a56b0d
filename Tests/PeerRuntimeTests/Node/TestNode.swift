import ByteStrings
import PeerEvents
import PeerRuntime
import Synchronization
import TestSupport
import Testing
import TorrentCore
import TorrentIO

/// A node on loopback, and what it said. Its records are kept beside the content.
final class TestNode: Sendable {
    let node: PeerNode
    private let log: EventLog

    /// Without a torrent. Events that it does not keep are not remembered: in a long run they are many.
    init(
        folder: String, _ configure: (inout PeerOptions) -> Void = { _ in },
        hash: @escaping HashFunction = HashAndStoreWorkers.bestKernel,
        keeps: @escaping @Sendable (PeerEvent) -> Bool = { _ in true }
    ) throws {
        let log = EventLog()
        self.log = log
        var options = PeerOptions()
        options.listen = Endpoint(.loopbackV4, port: 0)
        configure(&options)
        node = try PeerNode(
            options, records: ResumeStore(folder: ByteString("\(folder).records")), hash: hash
        ) { if keeps($0) { log.add($0) } }
    }

    /// With one torrent.
    convenience init(
        _ metainfo: Metainfo, folder: String, role: PeerRole,
        _ configure: (inout PeerOptions) -> Void = { _ in },
        hash: @escaping HashFunction = HashAndStoreWorkers.bestKernel
    ) throws {
        try self.init(folder: folder, configure, hash: hash)
        try node.add(metainfo, folder: ByteString(folder), role: role)
    }

    var events: [PeerEvent] { log.all }

    /// What `choose` makes of the first event that it knows; an error with all that was said when none comes in time.
    func wait<Answer>(
        _ what: String, within limit: Duration = .seconds(20), _ choose: (PeerEvent) -> Answer?
    ) async throws -> Answer {
        var answer: Answer?
        _ = try await eventually(within: limit) {
            answer = events.lazy.compactMap(choose).first
            return answer != nil
        }
        guard let answer else { throw TestFailure("no \(what) within \(limit)\n\(text)") }
        return answer
    }

    func port() async throws -> UInt16 {
        try await wait("port") { if case .listening(let endpoints) = $0 { endpoints.first?.port } else { nil } }
    }

    func verified() async throws -> VerifiedContent {
        try await wait("check") { if case .verified(_, let content) = $0 { content } else { nil } }
    }

    func waitUntilStopped(within limit: Duration = .seconds(20)) async throws -> PeerNode.Outcome {
        try await wait("end", within: limit) { if case .stopped = $0 { () } else { nil } }
        return node.waitUntilDone()
    }

    private var text: String { events.map { "\($0)" }.joined(separator: "\n") }
}

/// A payload in one folder, and a seeder and a leecher of it.
struct NodeStage {
    let home: TemporaryFolder
    let payload: Payload
    let source: String
    let target: String
    let metainfo: Metainfo

    init(_ payload: Payload) throws {
        self.payload = payload
        home = try TemporaryFolder()
        source = try home.folder("source")
        target = home.path("target")
        try payload.write(below: source)
        let torrent = try TestTorrent(of: payload, at: "\(source)/\(payload.name)", pieceLength: 32_768)
        metainfo = try Metainfo(parsing: torrent.encoded)
    }

    /// Both at work, set up alike; `hash` is the leecher's.
    func nodes(
        _ configure: (inout PeerOptions) -> Void = { _ in },
        hash: @escaping HashFunction = HashAndStoreWorkers.bestKernel
    ) async throws -> (seeder: TestNode, leecher: TestNode) {
        let seeder = try TestNode(metainfo, folder: source, role: .seed, configure)
        seeder.node.start()
        let port = try await seeder.port()
        let leecher = try TestNode(
            metainfo, folder: target, role: .leech,
            { options in
                configure(&options)
                options.peers = [PeerAddress(host: "127.0.0.1", port: port)]
            }, hash: hash)
        leecher.node.start()
        return (seeder, leecher)
    }

    var differences: [String] {
        get throws {
            try FileTree.differences("\(target)/\(payload.name)", from: "\(source)/\(payload.name)", exactly: true)
        }
    }
}

private final class EventLog: Sendable {
    private let events = Mutex<[PeerEvent]>([])
    func add(_ event: PeerEvent) { events.withLock { $0.append(event) } }
    var all: [PeerEvent] { events.withLock { $0 } }
}
