import TorrentCore

/// The reading half of a worker of a `PayloadScanner`: takes runs of pieces and fills batches with them.
struct ScanFeeder {
    private let scanner: PayloadScanner
    private let output: ScanOutput
    private let reader: ScanReader
    /// The pieces being read: of one length, or all short enough for one batch.
    private var pieces: [PieceIndex] = []
    private var isReadable: [Bool] = []
    private var begin = 0
    /// The last piece of the torrent, left over from a run of longer ones.
    private var shorter: PieceIndex?
    private var zeroDigest: SHA1Digest?

    init(_ scanner: PayloadScanner, output: ScanOutput) {
        self.scanner = scanner
        self.output = output
        reader = ScanReader(scanner)
    }

    /// Reads the next parts into `batch`. It has no pieces if all is done or the scan was cancelled.
    mutating func fill(_ batch: ScanBatch) {
        if scanner.wasCancelled { pieces = [] } else if pieces.isEmpty { takePieces(slotLength: batch.slotLength) }
        batch.pieces = pieces
        guard let first = pieces.first else { return }
        let geometry = scanner.geometry
        batch.isFirst = begin == 0
        batch.isLast = begin + batch.slotLength >= geometry.length(of: first)
        batch.lengths.removeAll(keepingCapacity: true)
        for (place, piece) in pieces.enumerated() {
            let length = min(batch.slotLength, geometry.length(of: piece) - begin)
            isReadable[place] = isReadable[place] && reader.read(piece, begin: begin, into: batch.slot(place, length))
            batch.lengths.append(isReadable[place] ? length : 0)
            scanner.noteDone(length)
        }
        begin += batch.slotLength
        if batch.isLast {
            batch.isReadable = isReadable
            pieces = []
        }
    }

    private mutating func takePieces(slotLength: Int) {
        let geometry = scanner.geometry
        begin = 0
        if let shorter { pieces = [shorter] }
        shorter = nil
        while pieces.isEmpty, let run = scanner.takeRun() {
            for piece in run.lazy.map({ geometry.piece($0) }) {
                if let wanted = scanner.wanted, !wanted[piece] {
                    scanner.noteDone(geometry.length(of: piece))
                    continue
                }
                switch reader.look(at: piece) {
                case .absent: scanner.noteDone(geometry.length(of: piece))
                case .hole where geometry.length(of: piece) == geometry.pieceLength:
                    output.put(digestOfZeros(), at: piece.position)
                    scanner.noteDone(geometry.length(of: piece))
                case .hole, .data:
                    // In one batch all lengths go together; in several, the last piece would end before the others.
                    if geometry.length(of: piece) < geometry.pieceLength, geometry.pieceLength > slotLength {
                        shorter = piece
                    } else {
                        pieces.append(piece)
                    }
                }
            }
            if pieces.isEmpty, let shorter {
                pieces = [shorter]
                self.shorter = nil
            }
        }
        isReadable = Array(repeating: true, count: pieces.count)
        if let first = pieces.first, geometry.length(of: first) > slotLength {
            for piece in pieces { reader.willRead(piece) }
        }
    }

    private mutating func digestOfZeros() -> SHA1Digest {
        if let zeroDigest { return zeroDigest }
        let zeros = [UInt8](repeating: 0, count: min(scanner.geometry.pieceLength, 1 << 16))
        var hash = SHA1()
        var left = scanner.geometry.pieceLength
        while left > 0 {
            zeros.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0.prefix(left))) }
            left -= min(left, zeros.count)
        }
        zeroDigest = hash.finish()
        return hash.finish()
    }
}
