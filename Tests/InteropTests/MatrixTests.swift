import TestSupport
import Testing

/// One cell of the matrix: who seeds, who leeches, who brings them together.
struct Cell: Sendable, CustomTestStringConvertible {
    let seeder: Client
    let leecher: Client
    let tracker: TrackerKind

    var testDescription: String { "\(seeder) to \(leecher) by \(tracker)" }

    /// Every pair with our peer on at least one side, with either tracker.
    static let withOurPeer: [Cell] = TrackerKind.allCases.flatMap { tracker in
        Client.allCases.flatMap { seeder in
            Client.allCases.filter { seeder == .ours || $0 == .ours }
                .map { Cell(seeder: seeder, leecher: $0, tracker: tracker) }
        }
    }

    /// Real clients among each other: with opentracker they prove this harness, with our tracker they prove that.
    static let foreign: [Cell] = TrackerKind.allCases.flatMap { tracker in
        zip(Client.foreign, Client.foreign.dropFirst() + Client.foreign.prefix(1))
            .map { Cell(seeder: $0, leecher: $1, tracker: tracker) }
    }
}

extension Interop {
    /// A payload goes from every client to every other, byte by byte the same.
    @Suite("Matrix", .serialized)
    struct MatrixTests {
        static let payload = Payload.mixed(name: "interop", bytes: 6 << 20)

        @Test("Real clients among each other", .timeLimit(.minutes(2)), arguments: Cell.foreign)
        func foreign(cell: Cell) async throws {
            try await Self.transfer(cell)
        }

        @Test("Ours with real clients", .timeLimit(.minutes(2)), arguments: Cell.withOurPeer)
        func ours(cell: Cell) async throws {
            try await Self.transfer(cell)
        }

        @Test(
            "64 MiB in 1 MiB pieces", .timeLimit(.minutes(3)),
            arguments: [
                Cell(seeder: .libtorrent, leecher: .ours, tracker: .ours),
                Cell(seeder: .ours, leecher: .libtorrent, tracker: .ours),
            ])
        func large(cell: Cell) async throws {
            try await Self.transfer(cell, payload: .mixed(name: "large", bytes: 64 << 20), pieceLength: 1 << 20)
        }

        static func transfer(
            _ cell: Cell, payload: Payload = payload, pieceLength: Int = 64 << 10,
            announce: @escaping (RunningTracker) -> String = { $0.announceURL }
        ) async throws {
            try Namespace.require([cell.seeder, cell.leecher, .libtorrent], opentracker: cell.tracker == .opentracker)
            try await withStage { stage in
                let swarm = try await TestSwarm(
                    stage, cell.tracker, payload, pieceLength: pieceLength, announce: announce)
                _ = try await cell.seeder.seed(Job(stage, torrent: swarm.torrent, folder: swarm.seedFolder, peer: 1))
                try await swarm.tracker.waitForSeeders(1, of: swarm.infoHash)
                let target = try stage.folder.folder("leech")
                let leecher = try await cell.leecher.leech(Job(stage, torrent: swarm.torrent, folder: target, peer: 2))
                try await leecher.waitUntilComplete(within: .seconds(60))
                // Transmission 3.00 creates no file for an empty one.
                try swarm.expectEqual(target, emptyFiles: cell.leecher != .transmission)
            }
        }
    }
}

/// A tracker, a payload and its torrent, ready for clients.
struct TestSwarm {
    let tracker: RunningTracker
    let seedFolder: String
    let torrent: String
    let infoHash: String
    private let name: String
    private let emptyPaths: Set<String>

    init(
        _ stage: Stage, _ kind: TrackerKind, _ payload: Payload, pieceLength: Int = 64 << 10,
        announce: (RunningTracker) -> String = { $0.announceURL }
    ) async throws {
        tracker = try await kind.start(stage)
        seedFolder = try stage.folder.folder("seed")
        name = payload.name
        emptyPaths = Set(payload.files.filter { $0.size == 0 }.map(\.path))
        let content = try payload.write(below: seedFolder)
        torrent = stage.folder.path("\(payload.name).torrent")
        infoHash = try await LibtorrentDriver.make(
            stage, content, pieceLength: pieceLength, out: torrent,
            tracker: announce(tracker))
        try tracker.allow(infoHash, stage)
    }

    /// Every byte of the payload lies in `folder`.
    func expectEqual(_ folder: String, emptyFiles: Bool = true) throws {
        let differences = try FileTree.differences("\(folder)/\(name)", from: "\(seedFolder)/\(name)").filter {
            emptyFiles || !emptyPaths.contains($0.replacing(": missing", with: ""))
        }
        guard differences.isEmpty else { throw TestFailure(differences.joined(separator: "\n")) }
    }
}
