import Foundation
import TestSupport

/// A BitTorrent client that the tests can start.
enum Client: String, CaseIterable, Sendable, CustomStringConvertible {
    case ours, transmission, aria2, libtorrent

    var description: String { rawValue }

    static let foreign: [Client] = [.transmission, .aria2, .libtorrent]

    var isInstalled: Bool {
        switch self {
        case .ours: FileManager.default.isExecutableFile(atPath: Executables.peer)
        case .transmission:
            Executables.find("transmission-daemon") != nil && Executables.find("transmission-remote") != nil
        case .aria2: Executables.find("aria2c") != nil
        case .libtorrent: LibtorrentDriver.isInstalled
        }
    }

    /// Starts the client on `job`, whose folder holds the payload; it verifies and then serves.
    func seed(_ job: Job) async throws -> any RunningClient {
        try await start(job, role: .seed)
    }

    /// Starts the client on `job`, whose folder receives the payload.
    func leech(_ job: Job) async throws -> any RunningClient {
        try await start(job, role: .leech)
    }

    private func start(_ job: Job, role: Role) async throws -> any RunningClient {
        switch self {
        case .ours: try OurPeer(job, role)
        case .transmission: try await TransmissionDaemon(job, role)
        case .aria2: try Aria2(job, role)
        case .libtorrent: try LibtorrentPeer(job, role)
        }
    }
}

enum Role: String { case seed, leech }

/// What a client is started for.
struct Job {
    let stage: Stage
    let torrent: String
    let folder: String
    /// The address of `lo` that the client calls its own.
    let host: String
    let port: Int
    /// `HOST:PORT`, brackets around an IPv6 address.
    var listen: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    /// Peers named by hand, `HOST:PORT`.
    var peers: [String] = []

    init(_ stage: Stage, torrent: String, folder: String, host: String, peers: [String] = []) {
        self.stage = stage
        self.torrent = torrent
        self.folder = folder
        self.host = host
        self.peers = peers
        port = Namespace.freePort()
    }

    init(_ stage: Stage, torrent: String, folder: String, peer number: Int) {
        self.init(stage, torrent: torrent, folder: folder, host: Namespace.peerHost(number))
    }
}

/// A client at work.
protocol RunningClient {
    var process: RunningProcess { get }
    /// Returns once the client says that it has every piece; an error with its log when it does not in time.
    func waitUntilComplete(within limit: Duration) async throws
}
