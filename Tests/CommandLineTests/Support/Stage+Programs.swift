import TestSupport

/// What most tests here start with: trackers, peers and torrents in few words.
extension Stage {
    /// Our tracker on a free port of loopback.
    func startTracker(
        _ extra: [String] = [], port: Int = 0, environment: [String: String] = [:],
        streams: ChildStreams = ChildStreams()
    ) async throws -> LocalTracker {
        let process = try start(
            Executables.tracker, ["--port", "\(port)", "--bind", "127.0.0.1", "--json"] + extra, name: "tracker",
            environment: environment, streams: streams)
        let event = try await process.waitForEvent("listening")
        guard let port = event.port, port > 0 else { throw TestFailure("listening without a port\n\(process.log)") }
        return LocalTracker(process: process, port: port)
    }

    func startSeed(_ torrents: String..., dir: String, _ extra: [String] = []) throws -> RunningProcess {
        try startPeer("seed", torrents, dir: dir, extra)
    }

    func startLeech(_ torrents: String..., dir: String, _ extra: [String] = []) throws -> RunningProcess {
        try startPeer("leech", torrents, dir: dir, extra)
    }

    func startPeer(
        _ role: String, _ torrents: [String], dir: String, _ extra: [String], environment: [String: String] = [:],
        streams: ChildStreams = ChildStreams()
    ) throws -> RunningProcess {
        try start(
            Executables.peer, [role] + torrents + ["--dir", dir, "--listen", "127.0.0.1:0", "--json"] + extra,
            name: "\(role) \(dir.split(separator: "/").last ?? "")", environment: environment, streams: streams)
    }

    /// Runs one command of `p2p-peer` to its end.
    func peer(_ arguments: String..., inputFile: String = "/dev/null", environment: [String: String] = [:])
        async throws -> RunningProcess
    {
        try await run(Executables.peer, arguments, environment: environment, inputFile: inputFile)
    }

    /// Writes `payload` below the folder `seed` and its torrent beside it.
    func share(
        _ payload: Payload, pieceLength: Int = 32 << 10, announce: [String] = [], isPrivate: Bool = false,
        torrentName: String? = nil
    ) throws -> SharedTorrent {
        let folder = try folder.folder("seed")
        let content = try payload.write(below: folder)
        let torrent = try TestTorrent(
            of: payload, at: content, pieceLength: pieceLength, announce: announce, isPrivate: isPrivate)
        let path = try torrent.write(to: self.folder.path(torrentName ?? "\(payload.name).torrent"))
        return SharedTorrent(payload: payload, path: path, infoHash: torrent.infoHash, folder: folder)
    }
}

/// Our tracker at work.
struct LocalTracker {
    let process: RunningProcess
    let port: Int
    var announce: String { "http://127.0.0.1:\(port)/announce" }

    func waitForCounts(_ infoHash: String, _ what: String, _ matches: (HTTPProbe.Counts) -> Bool) async throws {
        let found = try await eventually(within: .seconds(20), every: .milliseconds(30)) {
            HTTPProbe.scrape(infoHash, port: port).map(matches) ?? false
        }
        guard found else {
            throw TestFailure(
                "the tracker never told \(what): \(String(describing: HTTPProbe.scrape(infoHash, port: port)))")
        }
    }
}

/// A payload with its torrent, on disk.
struct SharedTorrent {
    let payload: Payload
    /// The .torrent file.
    let path: String
    let infoHash: String
    /// The folder that holds the payload.
    let folder: String

    var content: String { "\(folder)/\(payload.name)" }

    /// How what lies in `other` differs from the payload; empty if every byte is there and nothing else.
    func differences(in other: String) throws -> [String] {
        if payload.files[0].path.isEmpty {
            guard FileTree.exists("\(other)/\(payload.name)") else { return ["\(payload.name): missing"] }
            let same = try FileTree.read("\(other)/\(payload.name)") == FileTree.read(content)
            return same ? [] : ["\(payload.name): differs"]
        }
        return try FileTree.differences("\(other)/\(payload.name)", from: content, exactly: true)
    }
}

extension RunningProcess {
    /// The port that this peer listens on, once it says so.
    func listeningPort() async throws -> Int {
        try await waitForEvent("listening").port ?? 0
    }

    /// Interrupts as Ctrl-C does and waits for the end.
    func interrupt(within limit: Duration = .seconds(10)) async throws -> ExitStatus {
        signal(2)
        return try await waitForExit(within: limit)
    }
}
