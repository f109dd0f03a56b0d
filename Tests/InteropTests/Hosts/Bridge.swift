import Foundation
import TestSupport

/// Hosts with addresses of their own around a bridge with no way out, and a log of what they begin there. All of it
/// goes with the stage.
struct Bridge {
    let hosts: [Host]
    let stage: Stage
    private let driver: RunningProcess

    /// A machine at the bridge.
    struct Host: Sendable {
        /// From 1, as in its addresses.
        let number: Int
        /// The file that is its network namespace.
        fileprivate let network: String

        func address(_ family: Family = .v4) -> String {
            family == .v4 ? "10.78.0.\(number)" : "fd78::\(String(number, radix: 16))"
        }

        /// Where its peer listens, unless a test says another port.
        func place(_ family: Family = .v4, port: Int = Bridge.peerPort) -> String {
            family == .v4 ? "\(address()):\(port)" : "[\(address(.v6))]:\(port)"
        }
    }

    /// Which of its two addresses a host is called at.
    enum Family: String, CaseIterable, Sendable { case v4, v6 }

    /// Each host has its own ports, so all peers may have the same.
    static let peerPort = 6_881

    /// What every test here needs, besides clients.
    static let programs = ["ip", "nsenter", "python3"]

    init(_ stage: Stage, hosts count: Int) async throws {
        self.stage = stage
        driver = try stage.start(
            Executables.find("python3") ?? "python3", [Drivers.path("bridge.py"), "\(count)"], name: "bridge")
        let said = try await driver.waitForLine(within: .seconds(30), "bridge") {
            $0.contains("\"ready\"") || $0.contains("\"impossible\"")
        }
        guard said.contains("\"ready\"") else { try Namespace.lacks(["a bridge between namespaces: \(said)"]) }
        let networks = driver.events.filter { $0.event == "host" }.compactMap(\.path)
        guard networks.count == count else { throw TestFailure("\(networks.count) hosts\n\(driver.log)") }
        hosts = networks.enumerated().map { Host(number: $0 + 1, network: $1) }
    }

    /// The host with this number.
    subscript(number: Int) -> Host { hosts[number - 1] }

    /// Starts a program on `host`, which has a home of its own there.
    func start(
        _ program: String, _ arguments: [String], on host: Host, name: String, environment: [String: String] = [:]
    ) throws -> RunningProcess {
        let home = try stage.folder.folder("host-\(host.number)")
        var environment = environment
        environment["HOME"] = home
        for name in ["CONFIG", "DATA", "STATE", "CACHE"] { environment["XDG_\(name)_HOME"] = "\(home)/\(name)" }
        return try stage.start(
            Executables.find("nsenter") ?? "nsenter", ["--net=\(host.network)", program] + arguments,
            name: "\(name) on \(host.address())", environment: environment)
    }

    /// A driver of the tests, on `host`.
    func start(driver: String, _ arguments: [String], on host: Host) throws -> RunningProcess {
        try start(Executables.find("python3") ?? "python3", [Drivers.path(driver)] + arguments, on: host, name: driver)
    }

    /// Our peer. Its folder is its own, unless one is named.
    func peer(
        _ role: Role, _ torrents: [String], on host: Host, folder: String? = nil, _ extra: [String] = [],
        environment: [String: String] = [:]
    ) throws -> RunningProcess {
        let folder = try folder ?? self.folder(of: host)
        return try start(
            Executables.peer,
            [role.rawValue] + torrents + ["--dir", folder, "--listen", "\(Self.peerPort)", "--json"] + extra, on: host,
            name: role.rawValue, environment: environment)
    }

    /// Where the peer of `host` puts what it fetches.
    func folder(of host: Host) throws -> String { try stage.folder.folder("content-\(host.number)") }

    /// All that came into the bridge so far, none of it lost.
    func packets() async throws -> [Packet] {
        let before = driver.events.count { $0.event == "captured" }
        driver.signal(SIGUSR1)
        let isCaptured = try await eventually(within: .seconds(30)) {
            driver.lines.count { $0.contains("\"captured\"") } > before
        }
        let lines = driver.lines
        guard isCaptured, let last = lines.last(where: { $0.contains("\"captured\"") }), last.contains("\"lost\": 0")
        else { throw TestFailure("packets were not seen\n\(driver.log)") }
        return lines.compactMap { Packet($0) }
    }
}

/// The first packet of a connection, a handshake of whoever made it, or a datagram, as it left a host.
struct Packet: Decodable, Sendable {
    let kind: Kind
    /// Seconds since 1970.
    let time: Double
    /// The number of the host that sent it.
    let host: Int
    /// Where to.
    let address: String
    let port: Int
    /// Of a handshake.
    let infohash: String?
    /// Of an announce on the local network.
    let infohashes: [String]?

    enum Kind: String, Decodable, Sendable { case connect, handshake, datagram }

    /// Nil for a line that is about something else.
    init?(_ line: String) {
        guard line.contains("\"packet\""), let packet = try? JSONDecoder().decode(Packet.self, from: Data(line.utf8))
        else { return nil }
        self = packet
    }

    var place: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
