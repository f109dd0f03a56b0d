import TestSupport
import Testing

/// A tracker at a host of a bridge, and how it is spoken to.
struct HostTracker: Sendable, CustomTestStringConvertible {
    let kind: Kind
    let scheme: String
    let family: Bridge.Family

    /// What it is: a program of its own, or a part of the first seeder.
    enum Kind: String, Sendable { case ours, embedded, opentracker }

    var testDescription: String { "\(kind) over \(scheme), \(family)" }

    /// The port of each.
    static let port = 7_070

    /// Debian's opentracker speaks IPv4 alone.
    static let all =
        [Kind.ours, .embedded].flatMap { kind in
            ["http", "udp"].flatMap { scheme in
                Bridge.Family.allCases.map { HostTracker(kind: kind, scheme: scheme, family: $0) }
            }
        } + ["http", "udp"].map { HostTracker(kind: .opentracker, scheme: $0, family: .v4) }

    func announceURL(on host: Bridge.Host) -> String {
        "\(scheme)://\(host.place(family, port: Self.port))/announce"
    }

    /// Starts it, unless the first seeder does, and returns once it listens.
    func start(on host: Bridge.Host, of bridge: Bridge, allowing infoHash: String) async throws {
        switch kind {
        case .embedded: break
        case .ours:
            let process = try bridge.start(
                Executables.tracker, ["--port", "\(Self.port)", "--json"], on: host, name: "tracker")
            try await process.waitForEvent("listening")
        case .opentracker:
            let whitelist = bridge.stage.folder.path("whitelist")
            try FileTree.write(Array("\(infoHash)\n".utf8), to: whitelist)
            let arguments = [
                "-i", host.address(family), "-p", "\(Self.port)", "-P", "\(Self.port)", "-d", bridge.stage.folder.path,
                "-w", "whitelist",
            ]
            _ = try bridge.start(
                Executables.find("opentracker") ?? "opentracker", arguments, on: host, name: "opentracker")
            // It says nothing: somebody knocks until it opens.
            let place = "/dev/tcp/\(host.address(family))/\(Self.port)"
            let knocking = try bridge.start(
                "/bin/bash", ["-c", "until (exec 3<>\(place)) 2>/dev/null; do sleep 0.02; done"], on: host,
                name: "knocking")
            try await knocking.waitForExit(within: .seconds(20))
        }
    }
}
