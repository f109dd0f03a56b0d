import Foundation
import TestSupport
import Testing

/// Peers that know nothing but a magnet link and a node of the DHT.
@Suite("The DHT, on loopback")
struct DHTTests {
    private static let payload = Payload(file: "film", size: 300_000)

    @Test("A magnet link alone leads to whoever has it")
    func link() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let shared = try stage.share(Self.payload)
            let seeder = try await dht.startSeeder(shared)
            let getter = try await dht.get(shared, state: "getter")
            #expect(getter.status == .code(0), "\(getter.log)")
            let met = getter.events.first { $0.event == "peer" && $0.state == "connected" }
            #expect(met?.source == "dht" || met?.incoming == true, "\(getter.log)")
            let ready = getter.events.first { $0.event == "dht" && $0.state == "ready" }
            #expect(ready?.family == "ipv4")
            #expect(try await seeder.interrupt() == .code(130))
        }
    }

    @Test("A restart goes by what was kept, and needs nobody to begin at")
    func restart() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let shared = try stage.share(Self.payload)
            _ = try await dht.startSeeder(shared)
            let first = try await dht.get(shared, state: "getter")
            #expect(first.status == .code(0), "\(first.log)")
            #expect(FileTree.exists(dht.kept("getter")))
            let other = try stage.share(Payload(file: "book", size: 50_000))
            _ = try await dht.startSeeder(other, state: "other")
            // Nobody is there.
            let silent = try SilentPort()
            let second = try await dht.get(other, state: "getter", bootstrap: silent.port)
            #expect(second.status == .code(0), "\(second.log)")
        }
    }

    @Test("The nodes that a torrent names are enough to begin at")
    func nodesOfTorrent() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let shared = try stage.share(Self.payload)
            let path = stage.folder.path("with-nodes.torrent")
            let made = try await stage.peer(
                "make", "\(shared.folder)/film", "-o", path, "--node", "127.0.0.1:\(dht.port)", "--json")
            #expect(made.status == .code(0), "\(made.log)")
            // Neither of them has anybody else to begin at.
            let silent = try SilentPort()
            let seeder = try dht.start("seed", [path], dir: shared.folder, state: "seeder", bootstrap: silent.port)
            try await seeder.waitForEvent("dht") { $0.state == "ready" }
            let getter = try dht.start(
                "get", [path], dir: try stage.folder.folder("get"), state: "getter", bootstrap: silent.port)
            #expect(try await getter.waitForExit(within: .seconds(60)) == .code(0), "\(getter.log)")
            let met = getter.events.filter { $0.event == "peer" && $0.state == "connected" }
            #expect(met.contains { $0.source == "dht" || $0.incoming == true }, "\(getter.log)")
        }
    }

    @Test("Who was killed comes back, and is found where it is now")
    func killed() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let shared = try stage.share(Self.payload)
            let before = try await dht.startSeeder(shared)
            before.kill()
            try await before.waitForExit(within: .seconds(10))
            // The announce of before is still kept: only the port says who is meant.
            let seeder = try await dht.startSeeder(shared)
            let port = try #require(seeder.events.first { $0.event == "listening" }?.port)
            let isKnown = try await eventually(within: .seconds(20), every: .milliseconds(200)) {
                let asked = try await dht.ask("lookup", shared.infoHash)
                let found = asked.events.first { $0.event == "dht_lookup" }?.found
                return found?.contains("127.0.0.1:\(port)") == true
            }
            #expect(isKnown, "\(seeder.log)")
            let getter = try await dht.get(shared, state: "getter")
            #expect(getter.status == .code(0), "\(getter.log)")
        }
    }

    @Test("What is no state is not used, said, and replaced", arguments: ["", "d8:version1e"])
    func malformed(bytes: String) async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let shared = try stage.share(Self.payload)
            try FileTree.write(Array(bytes.utf8), to: dht.kept("seeder"))
            let seeder = try await dht.startSeeder(shared)
            #expect(seeder.events.contains { $0.code == "dht_state" }, "\(seeder.log)")
            #expect(try await seeder.interrupt() == .code(130))
            #expect(try FileTree.read(dht.kept("seeder")).count > 40)
            let again = try await dht.startSeeder(shared)
            #expect(!again.events.contains { $0.code == "dht_state" }, "\(again.log)")
        }
    }

    @Test("A pipe in place of the state is left alone, and stops nobody")
    func pipe() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let shared = try stage.share(Self.payload)
            try FileTree.write([], to: dht.kept("seeder"))
            try SweepFile.remove(dht.kept("seeder"))
            try SweepFile.check(mkfifo(dht.kept("seeder"), 0o600), "mkfifo")
            let seeder = try await dht.startSeeder(shared)
            #expect(try await seeder.interrupt() == .code(130))
            #expect(try SweepFile.status(dht.kept("seeder")).st_mode & S_IFMT == S_IFIFO)
        }
    }

    @Test("Two processes of one user do not go by the same id")
    func twoProcesses() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let (one, two) = (try stage.share(Self.payload), try stage.share(Payload(file: "book", size: 50_000)))
            // What one leaves behind is there for both.
            let before = try await dht.startSeeder(one)
            #expect(try await before.interrupt() == .code(130))
            let kept = try FileTree.read(dht.kept("seeder"))
            let processes = [try await dht.startSeeder(one), try await dht.startSeeder(two)]
            var ids: [String] = []
            for process in processes {
                let port = try #require(process.events.first { $0.event == "listening" }?.port)
                let ping = try await dht.ask("ping", "127.0.0.1:\(port)")
                ids.append(try #require(ping.events.first { $0.event == "dht_ping" }?.id))
            }
            #expect(ids[0] != ids[1])
            let id = kept.map { String(format: "%02x", $0) }.joined()
            #expect(id.contains(ids[0]), "the first one does not go by the id that was kept")
            #expect(!id.contains(ids[1]))
        }
    }

    @Test("A private torrent sends no packet of the DHT", arguments: [true, false])
    func privateTorrent(isPrivate: Bool) async throws {
        try await withStage { stage in
            let node = try LoopbackDatagrams { _ in [] }
            let environment = ["P2P_NO_DHT": "no"]
            let options = ["--dht-bootstrap", "127.0.0.1:\(node.port)", "-v"]
            let shared = try stage.share(Self.payload, isPrivate: isPrivate)
            let seeder = try stage.startPeer(
                "seed", [shared.path], dir: shared.folder, options, environment: environment)
            let port = try #require(try await seeder.waitForEvent("listening").port)
            let leecher = try stage.startPeer(
                "leech", [shared.path], dir: try stage.folder.folder("leech"),
                options + ["--peer", "127.0.0.1:\(port)", "-e"], environment: environment)
            #expect(try await leecher.waitForExit(within: .seconds(30)) == .code(0), "\(leecher.log)")
            if !isPrivate {
                // So it would have been seen.
                _ = try await eventually(within: .seconds(10)) { !node.senders.isEmpty }
            }
            #expect(try await seeder.interrupt() == .code(130))
            #expect(node.senders.isEmpty == isPrivate)
            #expect((leecher.events + seeder.events).contains { $0.event == "dht" } == !isPrivate)
        }
    }

    @Test("Without anybody there it says so and when it tries again, and ends in time")
    func alone() async throws {
        try await withStage { stage in
            let silent = try SilentPort()
            let link = "magnet:?xt=urn:btih:\(String(repeating: "5a", count: 20))"
            let getter = try stage.startPeer(
                "get", [link], dir: try stage.folder.folder("get"),
                ["--dht-bootstrap", "127.0.0.1:\(silent.port)"], environment: ["P2P_NO_DHT": "no"])
            let alone = try await getter.waitForEvent("dht", within: .seconds(40)) { $0.state == "alone" }
            #expect((1...600).contains(alone.retryIn ?? 0), "\(getter.log)")
            let waiting = try await getter.waitForEvent("metadata") { $0.waiting == "no_answer_in_dht" }
            #expect(waiting.tried?.contains { $0.contains("no node of the DHT answers, trying again in") } == true)
            #expect(!getter.events.contains { $0.code == "nobody_to_ask" })
            #expect(try await getter.interrupt() == .code(7))
            #expect(try #require(getter.timeToEnd) < .seconds(2))
        }
    }

    @Test("What a link leads to is fetched from whom the DHT names, by who only looks")
    func show() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let shared = try stage.share(Self.payload)
            _ = try await dht.startSeeder(shared)
            let shown = try await stage.peer(
                "show", dht.link(shared), "--fetch", "--listen", "127.0.0.1:0", "--dht-bootstrap",
                "127.0.0.1:\(dht.port)", environment: ["P2P_NO_DHT": "no"])
            #expect(shown.status == .code(0), "\(shown.log)")
            // Whoever looks has nothing to give.
            let asked = try await dht.ask("lookup", shared.infoHash)
            #expect(asked.events.first { $0.event == "dht_lookup" }?.peers == 1, "\(asked.log)")
        }
    }

    @Test("A link that turns out to be private ends its part in the DHT at once")
    func turnsPrivate() async throws {
        try await withStage { stage in
            let info = Bencoded.dictionary([
                ("length", 16_384), ("name", .text("secret")), ("piece length", 16_384),
                ("pieces", .bytes([UInt8](repeating: 7, count: 20))), ("private", 1),
            ]).encoded
            let peer = try MetadataPeer(info, of: ReferenceSHA1.hex(ReferenceSHA1.hash(info)), blocks: 0)
            let node = try LoopbackDatagrams { _ in [] }
            let getter = try stage.startPeer(
                "get", [peer.link], dir: try stage.folder.folder("get"),
                ["--dht-bootstrap", "127.0.0.1:\(node.port)"], environment: ["P2P_NO_DHT": "no"])
            let isAsked = try await eventually(within: .seconds(20)) { !node.senders.isEmpty }
            #expect(isAsked, "as long as nobody knows it is public")
            peer.open()
            #expect(try await getter.waitForEvent("metadata_complete").private == true)
            try await getter.waitForEvent("dht") { $0.state == "off" }
            // What was under way has arrived by then; a node that were still there would have asked again.
            try await Task.sleep(for: .milliseconds(200))
            let count = node.senders.count
            try await Task.sleep(for: .seconds(7))
            #expect(node.senders.count == count)
            #expect(try await getter.interrupt() == .code(7))
            let last = getter.events.last { $0.event == "dht" }
            #expect(last?.state == "off", "\(getter.log)")
        }
    }

    @Test("Where another program has the UDP port, the one for peers is announced")
    func portTaken() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let shared = try stage.share(Self.payload)
            let other = try LoopbackDatagrams { _ in [] }
            let seeder = try await dht.startSeeder(shared, listen: other.port)
            let asked = try await dht.ask("lookup", shared.infoHash)
            let found = asked.events.first { $0.event == "dht_lookup" }?.found
            #expect(found == ["127.0.0.1:\(other.port)"], "\(asked.log)")
            #expect(try await seeder.interrupt() == .code(130))
        }
    }
}
