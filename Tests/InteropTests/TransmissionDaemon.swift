import Foundation
import TestSupport

/// transmission-daemon with a configuration of its own, spoken to by transmission-remote.
struct TransmissionDaemon: RunningClient {
    let process: RunningProcess
    private let job: Job
    private let rpc: String

    init(_ job: Job, _ role: Role) async throws {
        self.job = job
        let rpcPort = Namespace.freePort()
        rpc = "127.0.0.1:\(rpcPort)"
        let home = try job.stage.folder.folder("transmission-\(job.port)")
        let settings: [String: Any] = [
            "bind-address-ipv4": job.host, "peer-port": job.port, "rpc-port": rpcPort, "rpc-bind-address": "127.0.0.1",
            "rpc-whitelist-enabled": false, "rpc-host-whitelist-enabled": false, "rpc-authentication-required": false,
            "dht-enabled": false, "lpd-enabled": false, "pex-enabled": false, "utp-enabled": false,
            "port-forwarding-enabled": false, "download-dir": job.folder, "rename-partial-files": false,
            "blocklist-enabled": false, "ratio-limit-enabled": false, "idle-seeding-limit-enabled": false,
        ]
        let data = try JSONSerialization.data(withJSONObject: settings)
        try FileTree.write([UInt8](data), to: "\(home)/settings.json")
        process = try job.stage.start(
            Executables.find("transmission-daemon") ?? "transmission-daemon",
            ["--foreground", "--config-dir", home, "--log-info"], name: "transmission \(role.rawValue)")
        try await process.waitUntilListening("127.0.0.1", rpcPort)
        let added = try await Self.remote(rpc, ["--add", job.torrent, "--download-dir", job.folder])
        guard added.contains("success") else { throw TestFailure("transmission did not take the torrent: \(added)") }
    }

    func waitUntilComplete(within limit: Duration) async throws {
        let done = try await eventually(within: limit, every: .milliseconds(200)) {
            let info = try await details()
            return info.contains("Percent Done: 100%") && !info.contains("Verifying")
        }
        guard done else { throw TestFailure("transmission is not complete:\n\(try await details())") }
    }

    /// What `transmission-remote --torrent 1 --info --info-trackers` says.
    func details() async throws -> String {
        try await Self.remote(rpc, ["--torrent", "1", "--info", "--info-trackers"])
    }

    private static func remote(_ rpc: String, _ arguments: [String]) async throws -> String {
        let program = Executables.find("transmission-remote") ?? "transmission-remote"
        let process = try RunningProcess(program, [rpc] + arguments)
        defer { process.kill() }
        try await process.waitForExit(within: .seconds(10))
        return process.lines.joined(separator: "\n")
    }
}
