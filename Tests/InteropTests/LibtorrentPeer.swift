import Foundation
import TestSupport

/// libtorrent, through the small Python driver beside these tests.
struct LibtorrentPeer: RunningClient {
    let process: RunningProcess

    init(_ job: Job, _ role: Role, extra: [String] = []) throws {
        process = try LibtorrentDriver.start(
            job.stage,
            [role.rawValue, job.torrent, "--dir", job.folder, "--listen", job.listen]
                + job.peers.flatMap { ["--peer", $0] } + extra,
            name: "libtorrent \(role.rawValue)")
    }

    func waitUntilComplete(within limit: Duration) async throws {
        try await process.waitForEvent("complete", within: limit)
    }
}

/// Finds a Python that has libtorrent and runs the driver with it.
enum LibtorrentDriver {
    static let python: String? = {
        let named = ProcessInfo.processInfo.environment["P2P_PYTHON"]
        return [named, Executables.find("python3")].compactMap { $0 }.first { candidate in
            guard let probe = try? RunningProcess(candidate, ["-c", "import libtorrent"]) else { return false }
            for _ in 0..<1000 where probe.status == nil { usleep(10_000) }
            defer { probe.kill() }
            return probe.status == .code(0)
        }
    }()

    static var isInstalled: Bool { python != nil }

    static func start(_ stage: Stage, _ arguments: [String], name: String) throws -> RunningProcess {
        guard let python else { throw TestFailure("no Python with libtorrent: set P2P_PYTHON") }
        return try stage.start(python, [script] + arguments, name: name)
    }

    /// Makes a v1 torrent of `path` with libtorrent and returns its info hash.
    static func make(
        _ stage: Stage, _ path: String, pieceLength: Int, out: String, tracker: String? = nil
    ) async throws -> String {
        var arguments = ["make", path, "--piece-length", "\(pieceLength)", "--out", out]
        if let tracker { arguments += ["--tracker", tracker] }
        let event = try await start(stage, arguments, name: "libtorrent make").waitForEvent("made")
        return event.infohash ?? ""
    }

    /// Asks the judges about all torrents in `folder`, and says a line of JSON for each, in the order of their names.
    static func judge(_ stage: Stage, _ folder: String) throws -> RunningProcess {
        guard let python else { throw TestFailure("no Python with libtorrent: set P2P_PYTHON") }
        return try stage.start(python, [Drivers.path("judge_torrents.py"), folder], name: "judges")
    }

    /// A node of the DHT, without any torrent.
    static func startNode(_ stage: Stage, _ arguments: [String]) throws -> RunningProcess {
        guard let python else { throw TestFailure("no Python with libtorrent: set P2P_PYTHON") }
        return try stage.start(python, [Drivers.path("libtorrent_dht.py")] + arguments, name: "libtorrent's node")
    }

    static var script: String { Drivers.path("libtorrent_peer.py") }
}

/// The programs in Python that the tests have beside them.
enum Drivers {
    static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Drivers/" + name
    }
}
