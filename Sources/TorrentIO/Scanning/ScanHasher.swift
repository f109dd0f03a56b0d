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

    mutating func hash(_ turn: ScanTurn) {
        if turn.isFirst { states = Array(repeating: SHA1State(), count: turn.pieces.count) }
        guard turn.isLast else { return hasher.advance(&states, over: turn.parts) }
        let digests = hasher.finish(&states, with: turn.parts)
        for (lane, piece) in turn.pieces.enumerated() where turn.isReadable[lane] {
            output.put(digests[lane], at: piece.position)
        }
    }
}
