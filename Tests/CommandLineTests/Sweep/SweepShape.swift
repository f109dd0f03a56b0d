import TestSupport

/// What a torrent of the sweep looks like: one file, or several of which one is hit.
enum SweepShape: String, CaseIterable, Sendable {
    case single, several

    static let pieceLength = 32 << 10
    /// The pieces that come first. They hold the first half of the one file, or all of the file that is hit and the
    /// beginning of its neighbour.
    static let first = 0..<5

    var payload: Payload {
        switch self {
        case .single: Payload(file: "sweep", size: 250_001, seed: 11)
        case .several: Payload(name: "sweep", files: [("hit", 100_000), ("other/one", 150_001)], seed: 12)
        }
    }

    /// The path, below the download folder, of the file that is hit.
    var target: String { self == .single ? "sweep" : "sweep/hit" }
}
