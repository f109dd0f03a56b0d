import TestSupport
import Testing

/// One cell of the sweep, set up: its torrent, its sender and its folders.
struct SweepStage: Sendable {
    let bench: Bench
    let cell: SweepCell
    let shared: SharedTorrent
    let sender: GatedSender
    let place: SweepPlace
    /// Flushes wait while this file exists.
    let holdFile: String

    init(_ bench: Bench, _ cell: SweepCell) throws {
        self.bench = bench
        self.cell = cell
        shared = try bench.share(cell.shape.payload, pieceLength: SweepShape.pieceLength)
        sender = try GatedSender(shared, pieceLength: SweepShape.pieceLength, first: SweepShape.first)
        place = SweepPlace(
            shape: cell.shape, dir: try bench.folder.folder("leech"),
            outsideFolder: try bench.folder.folder("outside"))
        holdFile = bench.folder.path("hold")
    }

    // MARK: Getting there

    /// Starts a download from the sender.
    func startLeech(_ options: String...) throws -> RunningProcess {
        try bench.start(
            Executables.peer,
            ["leech", shared.path, "--dir", place.dir, "--listen", "127.0.0.1:0", "--json"] + sender.options + options,
            name: "leech", environment: ["P2P_HOLD_FLUSH": holdFile])
    }

    /// Waits until the first pieces are there and no other has come.
    func waitUntilHalf(_ process: RunningProcess) async throws {
        let left = shared.payload.length - SweepShape.first.count * SweepShape.pieceLength
        try await process.waitForEvent("progress") { $0.left == left }
    }

    /// Lays down what a run that was stopped half-way leaves behind, without its record.
    func writeHalfDone() throws {
        let bytes = try shared.bytes()
        let known = SweepShape.first.upperBound * SweepShape.pieceLength
        var start = 0
        for file in shared.payload.files {
            let path = file.path.isEmpty ? shared.content : "\(shared.content)/\(file.path)"
            let name = path.dropFirst(shared.folder.count)
            let there = Array(bytes[start..<start + file.size].prefix(max(0, known - start)))
            try FileTree.write(
                there + [UInt8](repeating: 0, count: file.size - there.count), to: place.dir + name)
            start += file.size
        }
    }

    /// Lays down all of it.
    func writeWhole() throws {
        for file in shared.payload.files {
            let path = file.path.isEmpty ? shared.content : "\(shared.content)/\(file.path)"
            try FileTree.write(FileTree.read(path), to: place.dir + path.dropFirst(shared.folder.count))
        }
    }
}
