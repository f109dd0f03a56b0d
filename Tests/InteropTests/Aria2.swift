import TestSupport

/// aria2c; as a leecher it leaves when it is done.
struct Aria2: RunningClient {
    let process: RunningProcess

    init(_ job: Job, _ role: Role) throws {
        var arguments = [
            "--no-conf", "--dir=\(job.folder)", "--listen-port=\(job.port)", "--interface=\(job.host)",
            "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false",
            "--file-allocation=none", "--console-log-level=info", "--summary-interval=0", "--enable-color=false",
            "--show-console-readout=false", "--bt-stop-timeout=60",
        ]
        if role == .seed {
            arguments += ["--check-integrity=true", "--seed-ratio=0.0", "--bt-stop-timeout=0"]
        } else {
            arguments += ["--seed-time=0"]
        }
        process = try job.stage.start(
            Executables.find("aria2c") ?? "aria2c", arguments + [job.torrent], name: "aria2 \(role.rawValue)")
    }

    func waitUntilComplete(within limit: Duration) async throws {
        let status = try await process.waitForExit(within: limit)
        guard status == .code(0) else { throw TestFailure("aria2 ended with \(status)\n\(process.log)") }
    }
}
