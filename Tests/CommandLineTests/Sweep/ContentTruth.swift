import TestSupport

/// What of a torrent a folder really holds, found out by the tests themselves.
struct ContentTruth: Sendable {
    let pieces: Int
    let rightPieces: Set<Int>
    let rightBytes: Int
    /// Every file is a file of its own, with exactly the torrent's bytes.
    let isWhole: Bool
    /// Every byte is there, be there others behind them.
    var holdsAll: Bool { rightPieces.count == pieces }

    /// With `throughLinks`, what stands behind links is there as well, as for whoever only reads.
    init(
        of shared: SharedTorrent, in dir: String, pieceLength: Int = 32 << 10, throughLinks: Bool = false
    ) throws {
        let wanted = try shared.bytes()
        var have: [UInt8] = []
        have.reserveCapacity(wanted.count)
        var isWhole = true
        for file in shared.payload.files {
            let path = file.path.isEmpty ? shared.payload.name : "\(shared.payload.name)/\(file.path)"
            let isThere =
                throughLinks ? SweepFile.leadsToFile("\(dir)/\(path)") : SweepFile.isOwnFile(path, below: dir)
            let bytes = isThere ? try FileTree.read("\(dir)/\(path)") : nil
            if bytes?.count != file.size { isWhole = false }
            have += (bytes ?? []).prefix(file.size)
            // No payload here holds a run of zeros.
            have += [UInt8](repeating: 0, count: file.size - min(bytes?.count ?? 0, file.size))
        }
        pieces = (wanted.count + pieceLength - 1) / pieceLength
        var right: Set<Int> = []
        var count = 0
        for piece in 0..<pieces {
            let range = piece * pieceLength..<min((piece + 1) * pieceLength, wanted.count)
            guard have[range] == wanted[range] else { continue }
            right.insert(piece)
            count += range.count
        }
        rightPieces = right
        rightBytes = count
        self.isWhole = isWhole && right.count == pieces
    }
}
