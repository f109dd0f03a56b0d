import TestSupport

/// A tracker that the tests can start.
enum TrackerKind: String, CaseIterable, Sendable, CustomStringConvertible {
    case ours, opentracker

    var description: String { self == .ours ? "our tracker" : "opentracker" }

    func start(_ stage: Stage, host: String = Namespace.trackerHost) async throws -> RunningTracker {
        switch self {
        case .ours:
            let process = try stage.start(
                Executables.tracker, ["--port", "0", "--bind", host, "--json", "-v"], name: "our tracker")
            let event = try await process.waitForEvent("listening")
            guard let port = event.port else { throw TestFailure("listening without a port\n\(process.log)") }
            return RunningTracker(kind: self, process: process, host: host, port: port)
        case .opentracker:
            let port = Namespace.freePort()
            // The Debian build serves listed torrents alone and reads the list again on SIGHUP.
            try FileTree.write([], to: stage.folder.path("whitelist"))
            let process = try stage.start(
                Executables.find("opentracker") ?? "opentracker",
                [
                    "-i", host, "-p", "\(port)", "-P", "\(port)", "-d", stage.folder.path, "-w",
                    "whitelist",
                ])
            try await process.waitUntilListening(host, port)
            return RunningTracker(kind: self, process: process, host: host, port: port)
        }
    }
}

/// A tracker at work.
struct RunningTracker {
    let kind: TrackerKind
    let process: RunningProcess
    let host: String
    let port: Int

    var announceURL: String { "http://\(host):\(port)/announce" }
    var udpURL: String { "udp://\(host):\(port)/announce" }

    /// Lets the tracker serve `infoHash` where it serves listed torrents alone.
    func allow(_ infoHash: String, _ stage: Stage) throws {
        guard kind == .opentracker else { return }
        try FileTree.write(Array("\(infoHash)\n".utf8), to: stage.folder.path("whitelist"))
        process.signal(1)
    }

    /// Returns once the tracker counts at least so many seeders of `infoHash`.
    func waitForSeeders(_ count: Int, of infoHash: String, within limit: Duration = .seconds(20)) async throws {
        let found = try await eventually(within: limit, every: .milliseconds(50)) {
            (HTTPProbe.scrape(infoHash, port: port, host: host)?.seeders ?? 0) >= count
        }
        guard found else {
            let counts = HTTPProbe.scrape(infoHash, port: port, host: host)
            throw TestFailure("\(kind) counts \(String(describing: counts)) instead of \(count) seeders")
        }
    }
}
