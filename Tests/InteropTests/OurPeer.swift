import TestSupport

/// Our own `p2p-peer` as a client of the matrix.
struct OurPeer: RunningClient {
    let process: RunningProcess

    init(_ job: Job, _ role: Role, extra: [String] = []) throws {
        // Listening everywhere: what it sends to an address of `lo` comes from that very address.
        let listen = job.host.contains(":") ? job.listen : "\(job.port)"
        var arguments = [role.rawValue, job.torrent, "--dir", job.folder, "--listen", listen, "--json"]
        arguments += job.peers.flatMap { ["--peer", $0] } + extra
        process = try job.stage.start(Executables.peer, arguments, name: "ours \(role.rawValue)")
    }

    func waitUntilComplete(within limit: Duration) async throws {
        try await process.waitForEvent("complete", within: limit)
    }
}
