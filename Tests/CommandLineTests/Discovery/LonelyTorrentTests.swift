import Glibc
import TestSupport
import Testing

/// Torrents that nobody has, of programs as people start them: the local network is listened to, and the DHT asked.
@Suite("A torrent that nobody has says so")
struct LonelyTorrentTests {
    private static let near = ["P2P_NO_LSD": "no"]

    /// Of its own, so that no other test has it.
    private static func torrent(_ stage: Stage, _ seed: UInt64) throws -> SharedTorrent {
        try stage.share(Payload(file: "lonely \(seed)", size: 2_000, seed: seed << 32 + UInt64(getpid())))
    }

    @Test("To scripts: that nobody near has told of it, and what to do", arguments: [false, true])
    func scripts(isLink: Bool) async throws {
        try await withStage { stage in
            let shared = try Self.torrent(stage, isLink ? 1 : 2)
            let torrent = isLink ? "magnet:?xt=urn:btih:\(shared.infoHash)" : shared.path
            let leecher = try stage.startPeer(
                "leech", [torrent], dir: try stage.folder.folder("got"), [], environment: Self.near)
            let notice = try await leecher.waitForEvent("notice") { $0.code == "nobody_near" }
            #expect(notice.message?.contains("name a peer with --peer") == true, "\(leecher.log)")
            let waiting = try await leecher.waitForEvent(isLink ? "metadata" : "progress") {
                $0.waiting == "nobody_near"
            }
            #expect(!isLink || waiting.tried == ["nobody on the local network has told of it", "the DHT is off"])
            #expect(!leecher.events.contains { $0.code == "nobody_to_ask" || $0.waiting == "nobody_to_ask" })
            let seeder = try stage.startPeer(
                "seed", [try Self.torrent(stage, 3).path], dir: shared.folder, [], environment: Self.near)
            try await seeder.waitForEvent("progress") { $0.waiting == "nobody_near" && $0.state == "seeding" }
        }
    }

    /// Of neither does a torrent know that is private, so it is said at once.
    @Test("A private one has nobody to ask, whoever is near")
    func isPrivate() async throws {
        try await withStage { stage in
            let payload = Payload(file: "hidden", size: 2_000, seed: 4 << 32 + UInt64(getpid()))
            let shared = try stage.share(payload, isPrivate: true)
            let leecher = try stage.startPeer(
                "leech", [shared.path], dir: try stage.folder.folder("got"), [], environment: Self.near)
            try await leecher.waitForEvent("progress") { $0.waiting == "nobody_to_ask" }
            #expect(!leecher.events.contains { $0.waiting == "looking" || $0.waiting == "nobody_near" })
        }
    }

    @Test("Into a pipe, to who fetches and to who gives")
    func pipes() async throws {
        try await withStage { stage in
            let shared = try Self.torrent(stage, 5)
            let listen = ["--listen", "127.0.0.1:0"]
            let leecher = try stage.start(
                Executables.peer, ["leech", shared.path, "--dir", try stage.folder.folder("got")] + listen,
                environment: Self.near)
            let other = try Self.torrent(stage, 6)
            let seeder = try stage.start(
                Executables.peer, ["seed", other.path, "--dir", other.folder] + listen, environment: Self.near)
            // A line of progress comes with what happens later, if anything does: so it is said beside the lines, too.
            let isSaid = try await eventually(within: .seconds(20)) {
                leecher.log.contains(
                    "nobody on the local network has told of it, it names no tracker, and the DHT is off")
                    && seeder.log.contains("no tracker knows of it: who is not near needs --peer")
            }
            #expect(isSaid, "\(leecher.log)\(seeder.log)")
            #expect(leecher.log.contains("name a peer with --peer"))
        }
    }

    @Test("On a terminal, of a torrent and of a link", arguments: [false, true])
    func terminal(isLink: Bool) async throws {
        try await withStage { stage in
            let shared = try Self.torrent(stage, isLink ? 7 : 8)
            let torrent = isLink ? "magnet:?xt=urn:btih:\(shared.infoHash)" : shared.path
            let window = try Window(columns: 80, rows: 24)
            let leecher = try stage.start(
                Executables.peer,
                ["leech", torrent, "-d", try stage.folder.folder("got"), "--listen", "127.0.0.1:0"],
                environment: ["LC_ALL": "C.UTF-8", "TERM": "xterm"].merging(Self.near) { $1 },
                streams: ChildStreams(
                    output: window.reader.childEnd, errors: window.reader.childEnd,
                    terminal: window.reader.terminalPath))
            _ = try await window.waitForLine {
                $0.contains(isLink ? "nobody on the local network has told of it" : "nobody near has")
            }
            leecher.signal(2)
            _ = try await leecher.waitForExit(within: .seconds(10))
        }
    }

    /// The only node that they know is not there.
    @Test("Where the DHT does not answer either, that is said, and to who gives how others come")
    func both() async throws {
        try await withStage { stage in
            let silent = try SilentPort()
            let shared = try Self.torrent(stage, 9)
            let asks = ["--listen", "127.0.0.1:0", "--dht-bootstrap", "127.0.0.1:\(silent.port)"]
            let environment = ["P2P_NO_DHT": "no"].merging(Self.near) { $1 }
            let leecher = try stage.startPeer(
                "leech", [shared.path], dir: try stage.folder.folder("got"), Array(asks.dropFirst(2)),
                environment: environment)
            let other = try Self.torrent(stage, 10)
            let seeder = try stage.start(
                Executables.peer, ["seed", other.path, "--dir", other.folder] + asks, environment: environment)
            try await leecher.waitForEvent("progress", within: .seconds(40)) { $0.waiting == "no_answer_in_dht" }
            let advised = try await eventually(within: .seconds(40)) {
                seeder.log.contains("no node of the DHT answers: until one does, others may need --peer")
            }
            #expect(advised, "\(seeder.log)")
        }
    }
}
