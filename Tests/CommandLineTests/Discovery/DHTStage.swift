import TestSupport
import Testing

/// Processes on loopback that find each other in a DHT of their own.
struct DHTStage {
    let stage: Stage
    /// A process whose node is known to all others.
    let first: RunningProcess
    /// Where that node is.
    let port: Int

    /// A process of ours whose node asks nobody outside, since the only one that it knows does not answer.
    init(_ stage: Stage) async throws {
        self.stage = stage
        let other = try stage.share(Payload(file: "other", size: 20_000), torrentName: "other.torrent")
        let silent = try SilentPort()
        first = try Self.start(
            stage, "seed", [other.path], dir: other.folder, state: "first", bootstrap: silent.port)
        let listening = try await first.waitForEvent("listening")
        port = try #require(listening.port)
        try await first.waitForEvent("dht")
    }

    /// A process with records of its own, unless one is named twice.
    func start(
        _ role: String, _ torrents: [String], dir: String, state: String, bootstrap: Int? = nil, listen: Int = 0
    ) throws -> RunningProcess {
        try Self.start(stage, role, torrents, dir: dir, state: state, bootstrap: bootstrap ?? port, listen: listen)
    }

    private static func start(
        _ stage: Stage, _ role: String, _ torrents: [String], dir: String, state: String, bootstrap: Int,
        listen: Int = 0
    ) throws -> RunningProcess {
        try stage.start(
            Executables.peer,
            [role] + torrents + [
                "--dir", dir, "--listen", "127.0.0.1:\(listen)", "--dht-bootstrap", "127.0.0.1:\(bootstrap)",
                "--no-exchange", "--json", "-v",
            ],
            name: "\(role) \(state)",
            environment: ["P2P_NO_DHT": "no", "P2P_STATE_DIR": stage.folder.path("state-\(state)")])
    }

    /// A seeder that has told the DHT of what it has.
    func startSeeder(_ shared: SharedTorrent, state: String = "seeder", listen: Int = 0) async throws
        -> RunningProcess
    {
        let seeder = try start("seed", [shared.path], dir: shared.folder, state: state, listen: listen)
        try await seeder.waitForEvent("dht") { $0.state == "ready" }
        try await waitUntilKnown(shared)
        return seeder
    }

    /// Asks by hand until somebody is known who has it.
    func waitUntilKnown(_ shared: SharedTorrent) async throws {
        for _ in 0..<20 {
            let asked = try await ask("lookup", shared.infoHash)
            if asked.status == .code(0) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw TestFailure("nobody has announced \(shared.infoHash)")
    }

    /// `p2p-peer dht`, with nothing kept.
    func ask(_ arguments: String..., state: String = "nothing") async throws -> RunningProcess {
        try await stage.run(
            Executables.peer,
            ["dht"] + arguments + ["--dht-bootstrap", "127.0.0.1:\(port)", "--listen", "127.0.0.1:0", "--json"],
            environment: ["P2P_STATE_DIR": stage.folder.path("state-\(state)")])
    }

    func link(_ shared: SharedTorrent) -> String { "magnet:?xt=urn:btih:\(shared.infoHash)" }

    /// The file in which a process keeps what it knows.
    func kept(_ state: String) -> String { stage.folder.path("state-\(state)/dht.state") }

    /// Fetches it knowing nothing but the link, and ends.
    func get(_ shared: SharedTorrent, state: String, bootstrap: Int? = nil) async throws -> RunningProcess {
        let getter = try start(
            "get", [link(shared)], dir: try stage.folder.folder("get-\(state)"), state: state, bootstrap: bootstrap)
        try await getter.waitForExit(within: .seconds(60))
        return getter
    }
}
