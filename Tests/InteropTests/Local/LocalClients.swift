import Foundation
import TestSupport

/// A client of others on a host of a bridge, which finds peers on the local network and by no other way.
struct LocalClient {
    let process: RunningProcess

    /// With the torrent, in `folder`.
    init(
        _ client: Client, _ role: Role, _ torrent: HostedTorrent, in folder: String, on host: Bridge.Host,
        _ bridge: Bridge
    )
        throws
    {
        switch client {
        case .ours:
            process = try bridge.localPeer(role, [torrent.path], on: host, folder: folder)
        case .libtorrent:
            process = try bridge.start(
                LibtorrentDriver.python ?? "python3",
                [LibtorrentDriver.script, role.rawValue, torrent.path, "--dir", folder]
                    + ["--listen", host.place(), "--local", "--deadline", "150"], on: host, name: "libtorrent")
        case .aria2:
            process = try bridge.start(
                Executables.find("aria2c") ?? "aria2c",
                [
                    "--no-conf", "--dir=\(folder)", "--listen-port=\(Bridge.peerPort)", "--enable-dht=false",
                    "--enable-dht6=false", "--bt-enable-lpd=true", "--bt-lpd-interface=\(host.address())",
                    "--enable-peer-exchange=false", "--file-allocation=none", "--summary-interval=0",
                    "--check-integrity=true", "--seed-ratio=0.0", "--console-log-level=info", torrent.path,
                ], on: host, name: "aria2")
        case .transmission: process = try Self.transmission(torrent, folder, on: host, bridge)
        }
    }

    /// What it is to begin with lies in a folder that it watches, so that nobody has to speak to it.
    private static func transmission(
        _ torrent: HostedTorrent, _ folder: String, on host: Bridge.Host, _ bridge: Bridge
    ) throws -> RunningProcess {
        let home = try bridge.stage.folder.folder("transmission-\(host.number)")
        let watched = try bridge.stage.folder.folder("watched-\(host.number)")
        try FileTree.copy(torrent.path, to: "\(watched)/it.torrent")
        let settings: [String: Any] = [
            "peer-port": Bridge.peerPort, "rpc-enabled": false, "dht-enabled": false, "lpd-enabled": true,
            "pex-enabled": false, "utp-enabled": false, "port-forwarding-enabled": false, "download-dir": folder,
            "rename-partial-files": false, "blocklist-enabled": false, "ratio-limit-enabled": false,
            "idle-seeding-limit-enabled": false, "watch-dir": watched, "watch-dir-enabled": true,
        ]
        let data = try JSONSerialization.data(withJSONObject: settings)
        try FileTree.write([UInt8](data), to: "\(home)/settings.json")
        return try bridge.start(
            Executables.find("transmission-daemon") ?? "transmission-daemon",
            ["--foreground", "--config-dir", home, "--log-debug"], on: host, name: "transmission")
    }
}

extension Bridge {
    /// Our peer, which finds others on the local network and does not exchange peers. Its folder is its own, unless one
    /// is named.
    func localPeer(
        _ role: Role, _ torrents: [String], on host: Host, folder: String? = nil, listen: String? = nil,
        _ extra: [String] = []
    ) throws -> RunningProcess {
        let place = ["--dir", try folder ?? self.folder(of: host), "--listen", listen ?? "\(Self.peerPort)"]
        return try start(
            Executables.peer, [role.rawValue] + torrents + place + ["--json", "--no-exchange"] + extra, on: host,
            name: role.rawValue, environment: ["P2P_NO_LSD": "no"])
    }

    /// Has `host` change its own addresses or ways.
    func ip(_ words: [String], on host: Host) async throws {
        let process = try start(Executables.find("ip") ?? "ip", words, on: host, name: "ip")
        guard try await process.waitForExit(within: .seconds(10)) == .code(0) else { throw TestFailure(process.log) }
    }
}
