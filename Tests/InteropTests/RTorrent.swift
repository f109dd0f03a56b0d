import Foundation
import TestSupport

/// rTorrent as a leecher, without a terminal, told of nobody: whoever seeds connects to it.
struct RTorrent {
    let process: RunningProcess
    private let mark: String

    /// The torrent has to name a tracker, or it is refused.
    init(_ job: Job) async throws {
        let home = try job.stage.folder.folder("rtorrent-\(job.port)")
        mark = "\(home)/complete"
        let settings = """
            system.daemon.set = true
            session.path.set = \(try job.stage.folder.folder("rtorrent-\(job.port)/session"))
            directory.default.set = \(job.folder)
            network.bind_address.set = \(job.host)
            network.port_range.set = \(job.port)-\(job.port)
            network.port_random.set = no
            dht.mode.set = disable
            protocol.pex.set = no
            protocol.encryption.set = allow_incoming
            method.set_key = event.download.resumed, started, "execute2={touch,\(home)/started}"
            method.set_key = event.download.finished, complete, "execute2={touch,\(mark)}"
            schedule2 = load, 0, 0, ((load.start, "\(job.torrent)"))

            """
        try FileTree.write(Array(settings.utf8), to: "\(home)/settings")
        process = try job.stage.start(
            Executables.find("rtorrent") ?? "rtorrent", ["-n", "-o", "import=\(home)/settings"],
            name: "rTorrent", environment: ["HOME": home, "TERM": "dumb"])
        try await wait(for: "\(home)/started", within: .seconds(20))
    }

    func waitUntilComplete(within limit: Duration) async throws {
        try await wait(for: mark, within: limit)
    }

    private func wait(for mark: String, within limit: Duration) async throws {
        let isThere = try await eventually(within: limit, every: .milliseconds(20)) {
            FileManager.default.fileExists(atPath: mark)
        }
        guard isThere else { throw TestFailure("rTorrent: no \(mark)\n\(process.log)") }
    }
}
