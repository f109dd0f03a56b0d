import TestSupport

/// One cell of the sweep, set up.
struct SweepStage: Sendable {
    let bench: Bench
    let cell: SweepCell
    let half: HalfwayStage
    let place: SweepPlace
    /// Flushes wait while this file exists.
    let holdFile: String

    var shared: SharedTorrent { half.shared }

    init(_ bench: Bench, _ cell: SweepCell) throws {
        self.bench = bench
        self.cell = cell
        half = try HalfwayStage(
            bench, cell.shape.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
        place = SweepPlace(
            shape: cell.shape, dir: half.dir, outsideFolder: try bench.folder.folder("outside"))
        holdFile = bench.folder.path("hold")
    }
}
