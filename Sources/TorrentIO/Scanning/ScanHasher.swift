import TorrentCore

/// The hashing half of a worker of a `PayloadScanner`: hashes each batch, and puts out the digests of complete pieces.
struct ScanHasher {
    private let output: ScanOutput
    private var hasher: PieceHasher
    /// The hash states of the pieces being read.
    private var states: [SHA1State] = []

    init(_ scanner: PayloadScanner, output: ScanOutput) {
        self.output = output
        hasher = PieceHasher(kernel: scanner.kernel)
    }

    mutating func hash(_ batch: ScanBatch) {
        if batch.isFirst { states = Array(repeating: SHA1State(), count: batch.pieces.count) }
        guard batch.isLast else { return hasher.advance(&states, over: batch.parts) }
        let digests = hasher.finish(&states, with: batch.parts)
        for (place, piece) in batch.pieces.enumerated() where batch.isReadable[place] {
            output.put(digests[place], at: piece.position)
        }
    }
}
