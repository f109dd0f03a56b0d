import TestSupport

/// One cell of the sweep, set up.
struct SweepStage: Sendable {
    let stage: Stage
    let cell: SweepCell
    let half: HalfwayStage
    let place: SweepPlace
    /// Flushes wait while this file exists.
    let holdFile: String

    var shared: SharedTorrent { half.shared }

    init(_ stage: Stage, _ cell: SweepCell) throws {
        self.stage = stage
        self.cell = cell
        half = try HalfwayStage(
            stage, cell.shape.payload, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
        place = SweepPlace(
            shape: cell.shape, dir: half.dir, outsideFolder: try stage.folder.folder("outside"))
        holdFile = stage.folder.path("hold")
    }
}
