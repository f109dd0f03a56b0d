import TestSupport
import Testing

/// A download that gets so far and no further until the test lets it.
struct HalfwayStage: Sendable {
    let stage: Stage
    let shared: SharedTorrent
    let sender: GatedSender
    /// The download folder.
    let dir: String
    let pieceLength: Int
    /// The pieces that come first.
    let first: Range<Int>

    init(_ stage: Stage, _ payload: Payload, pieceLength: Int = 32 << 10, first: Range<Int>) throws {
        self.stage = stage
        self.pieceLength = pieceLength
        self.first = first
        shared = try stage.share(payload, pieceLength: pieceLength)
        sender = try GatedSender(shared, pieceLength: pieceLength, first: first)
        dir = try stage.folder.folder("leech")
    }

    /// Starts a download from the sender.
    func startLeech(_ options: String..., environment: [String: String] = [:]) throws -> RunningProcess {
        try start(options, environment: environment)
    }

    func start(_ options: [String], environment: [String: String] = [:]) throws -> RunningProcess {
        try startLonely(sender.options + options, environment: environment)
    }

    /// Starts a download that knows nobody.
    func startLonely(_ options: [String] = [], environment: [String: String] = [:]) throws -> RunningProcess {
        try stage.start(
            Executables.peer, ["leech", shared.path, "--dir", dir, "--listen", "127.0.0.1:0", "--json"] + options,
            name: "leech", environment: environment)
    }

    /// Waits until the first pieces are there; no other comes before the sender is opened.
    func waitUntilHalf(_ process: RunningProcess) async throws {
        let left = shared.payload.length - first.count * pieceLength
        try await process.waitForEvent("progress") { $0.left == left }
    }

    /// A run that is stopped half-way by Ctrl-C.
    func stopHalfway() async throws {
        let leecher = try startLeech("-e")
        try await waitUntilHalf(leecher)
        #expect(try await leecher.interrupt() == .code(7), "\(leecher.log)")
    }

    /// A run that gets everything and ends.
    func finish(_ options: String..., within limit: Duration = .seconds(30)) async throws -> RunningProcess {
        sender.open()
        let leecher = try start(["-e"] + options)
        try await leecher.waitForExit(within: limit)
        return leecher
    }

    func truth(throughLinks: Bool = false) throws -> ContentTruth {
        try ContentTruth(of: shared, in: dir, pieceLength: pieceLength, throughLinks: throughLinks)
    }

    /// Lays down what a run that was stopped half-way leaves behind, without its record.
    func writeHalfDone() throws { try write(firstBytes: first.upperBound * pieceLength) }

    /// Lays down all of it.
    func writeWhole() throws { try write(firstBytes: shared.payload.length) }

    private func write(firstBytes known: Int) throws {
        var start = 0
        for file in shared.payload.files {
            let name = file.path.isEmpty ? shared.payload.name : "\(shared.payload.name)/\(file.path)"
            let there = try FileTree.read("\(shared.folder)/\(name)").prefix(max(0, known - start))
            try FileTree.write(
                Array(there) + [UInt8](repeating: 0, count: file.size - there.count), to: "\(dir)/\(name)")
            start += file.size
        }
    }
}

extension Stage {
    /// Where the programs of this stage keep their records.
    var records: String { folder.path("home/STATE/p2p") }

    /// The one record there is.
    func onlyRecord() throws -> String {
        let all = FileTree.files(below: records).filter { $0.hasSuffix(".resume") }
        guard all.count == 1, let record = all.first else { throw TestFailure("not one record: \(all)") }
        return "\(records)/\(record)"
    }
}
