import TestSupport
import Testing

/// `p2p-peer dht`, against nodes on loopback.
@Suite("p2p-peer dht")
struct DHTCommandTests {
    private static let infoHash = String(repeating: "5a", count: 20)

    @Test("ping: a node that is there, and one that is not")
    func ping() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let there = try await dht.ask("ping", "127.0.0.1:\(dht.port)")
            #expect(there.status == .code(0), "\(there.log)")
            let answer = try #require(there.events.first { $0.event == "dht_ping" })
            #expect(answer.family == "ipv4" && answer.id?.count == 40 && answer.queries == 1 && answer.answers == 1)
            #expect(there.events.first { $0.event == "dht_step" }?.result == "answered")
            let silent = try SilentPort()
            let away = try await dht.ask("ping", "127.0.0.1:\(silent.port)", "--timeout", "3")
            #expect(away.status == .code(8), "\(away.log)")
            #expect(away.events.last?.code == "network")
        }
    }

    @Test("announce says it to the closest nodes, lookup finds it, and before nobody")
    func announceAndLookup() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let before = try await dht.ask("lookup", Self.infoHash)
            #expect(before.status == .code(3), "\(before.log)")
            #expect(before.events.first { $0.event == "dht_lookup" }?.peers == 0)
            let announce = try await dht.ask("announce", "magnet:?xt=urn:btih:\(Self.infoHash)", "--port", "7654")
            #expect(announce.status == .code(0), "\(announce.log)")
            #expect(announce.events.first { $0.event == "dht_announce" }?.stored == 1)
            let after = try await dht.ask("lookup", Self.infoHash)
            #expect(after.status == .code(0), "\(after.log)")
            let answer = try #require(after.events.first { $0.event == "dht_lookup" })
            #expect(answer.found == ["127.0.0.1:7654"] && answer.hops == 1, "\(after.log)")
            #expect((answer.ms ?? 0) > 0)
        }
    }

    @Test("Each family has a DHT of its own, and where the first to answer knows nobody the other one is waited for")
    func bothFamilies() async throws {
        try await withStage { stage in
            let other = try stage.share(Payload(file: "other", size: 20_000))
            let silent = try SilentPort()
            let node = try stage.start(
                Executables.peer,
                [
                    "seed", other.path, "--dir", other.folder, "--listen", "0", "--json", "--dht-bootstrap",
                    "127.0.0.1:\(silent.port)",
                ],
                name: "node", environment: ["P2P_NO_DHT": "no"])
            let port = try #require(try await node.waitForEvent("listening").port)
            try await node.waitForEvent("dht")
            let places = (v4: ["--dht-bootstrap", "127.0.0.1:\(port)"], v6: ["--dht-bootstrap", "[::1]:\(port)"])
            func ask(_ arguments: [String]) async throws -> RunningProcess {
                try await stage.run(Executables.peer, ["dht"] + arguments + ["--listen", "0", "--json"])
            }
            let announce = try await ask(["announce", Self.infoHash, "--port", "7654"] + places.v6)
            #expect(announce.events.first { $0.event == "dht_announce" }?.family == "ipv6", "\(announce.log)")
            let nowhere = try await ask(["lookup", Self.infoHash] + places.v4)
            #expect(nowhere.status == .code(3), "\(nowhere.log)")
            let asked = try await ask(["lookup", Self.infoHash] + places.v4 + places.v6)
            #expect(asked.status == .code(0), "\(asked.log)")
            let found = asked.events.first { $0.event == "dht_lookup" && $0.family == "ipv6" }?.found
            #expect(found == ["[::1]:7654"], "\(asked.log)")
        }
    }

    @Test("stats: who is near, for scripts and for people")
    func stats() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let asked = try await dht.ask("stats")
            #expect(asked.status == .code(0), "\(asked.log)")
            #expect((asked.events.first { $0.event == "dht_stats" }?.goodNodes ?? 0) >= 1)
            let words = try await stage.peer(
                "dht", "stats", "--dht-bootstrap", "127.0.0.1:\(dht.port)", "--listen", "127.0.0.1:0")
            #expect(words.lines.contains { $0.contains("127.0.0.1:\(dht.port)") && $0.contains(" ms") }, "\(words.log)")
            #expect(words.lines.contains { $0.contains("answered lately") })
        }
    }

    @Test("The port of the settings is that of a peer which is running: who asks by hand takes another")
    func settings() async throws {
        try await withStage { stage in
            let dht = try await DHTStage(stage)
            let taken = try LoopbackDatagrams { _ in [] }
            let asked = try await stage.run(
                Executables.peer, ["dht", "ping", "127.0.0.1:\(dht.port)", "--json"],
                environment: ["P2P_LISTEN": "127.0.0.1:\(taken.port)"])
            #expect(asked.status == .code(0), "\(asked.log)")
        }
    }

    @Test("A node whose name nobody knows: why is the last word, for scripts too, and nothing is left behind")
    func unknownName() async throws {
        try await withStage { stage in
            let state = stage.folder.path("untouched")
            // Too long for a name, so that no nameserver is asked.
            let name = String(repeating: "x", count: 70)
            let asked = try await stage.run(
                Executables.peer, ["dht", "ping", "\(name):6881", "--listen", "127.0.0.1:0", "--json"],
                environment: ["P2P_STATE_DIR": state])
            #expect(asked.status == .code(8), "\(asked.log)")
            #expect(asked.events.contains { $0.event == "notice" && $0.code == "dht_bootstrap" }, "\(asked.log)")
            #expect(asked.events.last?.message?.hasPrefix("\(name): ") == true, "\(asked.log)")
            #expect(!FileTree.exists(state))
        }
    }

    @Test("Nobody answers: 8, in time")
    func nobody() async throws {
        try await withStage { stage in
            let silent = try SilentPort()
            let asked = try await stage.peer(
                "dht", "lookup", Self.infoHash, "--dht-bootstrap", "127.0.0.1:\(silent.port)", "--listen",
                "127.0.0.1:0", "--timeout", "1")
            #expect(asked.status == .code(8), "\(asked.log)")
        }
    }

    @Test(
        "What is wrong with the command line is said: 2",
        arguments: [
            ["poke"], ["ping"], ["ping", "nowhere"], ["lookup"], ["announce", infoHash], ["stats", "now"],
            ["announce", infoHash, "--port", "0"],
        ])
    func usage(arguments: [String]) async throws {
        try await withStage { stage in
            let asked = try await stage.run(
                Executables.peer, ["dht"] + arguments + ["--dht-bootstrap", "127.0.0.1:9"])
            #expect(asked.status == .code(2), "\(asked.log)")
        }
    }

    @Test("The DHT is not asked about a torrent that is private")
    func privateTorrent() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "secret", size: 20_000), isPrivate: true)
            let asked = try await stage.peer("dht", "lookup", shared.path, "--dht-bootstrap", "127.0.0.1:9")
            #expect(asked.status == .code(2), "\(asked.log)")
        }
    }

    @Test("make --node writes nodes, and not into a private torrent")
    func make() async throws {
        try await withStage { stage in
            let shared = try stage.share(Payload(file: "film", size: 20_000))
            let content = "\(shared.folder)/film"
            let out = stage.folder.path("nodes.torrent")
            let made = try await stage.peer(
                "make", content, "-o", out, "--node", "127.0.0.1:6881", "--node", "[::1]:6882", "--json")
            #expect(made.status == .code(0), "\(made.log)")
            let shown = try await stage.peer("show", out)
            #expect(shown.lines.contains { $0.contains("127.0.0.1:6881") })
            #expect(shown.lines.contains { $0.contains("[::1]:6882") })
            let refused = try await stage.peer("make", content, "-o", out, "-f", "-p", "--node", "127.0.0.1:6881")
            #expect(refused.status == .code(2), "\(refused.log)")
        }
    }
}
