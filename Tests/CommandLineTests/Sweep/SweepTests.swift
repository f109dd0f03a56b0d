import TestSupport
import Testing

/// Whatever somebody does to the files of a torrent, and whenever: nothing is claimed that is not there, no byte of
/// somebody's is lost, nobody is sent a wrong piece, and what happened is said.
@Suite("Somebody else was at the files")
struct SweepTests {
    @Test("Before a download begins, without a record", arguments: SweepCell.at(.beforeStart))
    func beforeStart(cell: SweepCell) async throws { try await Self.run(cell) }

    @Test("While it is being fetched", arguments: SweepCell.at(.whileLeeching))
    func whileLeeching(cell: SweepCell) async throws { try await Self.run(cell) }

    @Test("Between two runs", arguments: SweepCell.at(.betweenRuns))
    func betweenRuns(cell: SweepCell) async throws { try await Self.run(cell) }

    @Test("Between the last piece and its flush", arguments: SweepCell.at(.beforeFlush))
    func beforeFlush(cell: SweepCell) async throws { try await Self.run(cell) }

    @Test("While it is seeded", arguments: SweepCell.at(.whileSeeding))
    func whileSeeding(cell: SweepCell) async throws { try await Self.run(cell) }

    @Test("While a finished download serves", arguments: SweepCell.at(.whileServing))
    func whileServing(cell: SweepCell) async throws { try await Self.run(cell) }

    @Test(
        "With --overwrite all that is in the way goes, and nothing beside it",
        arguments: SweepCell.at(.beforeStart, .whileLeeching, .betweenRuns).filter(\.isInTheWay))
    func overwriting(cell: SweepCell) async throws {
        try await withStage { stage in try await SweepStage(stage, cell).runOverwriting() }
    }

    private static func run(_ cell: SweepCell) async throws {
        try await withStage { stage in try await SweepStage(stage, cell).run() }
    }
}
