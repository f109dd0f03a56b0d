import TorrentCore

/// One thread of a `PayloadScanner`, with its buffers and open files.
struct ScanWorker: ~Copyable {
    private let scanner: PayloadScanner
    private let output: ScanOutput
    private let reader: ScanReader
    private var hasher: PieceHasher
    private let buffer: UnsafeMutableRawBufferPointer
    /// Bytes of the buffer for each piece in hand, at least as many as one turn.
    private let slotLength: Int
    private var zeroDigest: SHA1Digest?

    init(_ scanner: PayloadScanner, output: ScanOutput) {
        self.scanner = scanner
        self.output = output
        reader = ScanReader(scanner)
        hasher = PieceHasher(kernel: scanner.kernel)
        slotLength = min(PayloadScanner.turnLength, (scanner.geometry.pieceLength + 63) & ~63)
        buffer = .allocate(byteCount: slotLength * scanner.runPieces, alignment: 4_096)
    }

    deinit { buffer.deallocate() }

    mutating func work() {
        let geometry = scanner.geometry
        while let run = scanner.takeRun() {
            var pieces: [PieceIndex] = []
            var shorter: PieceIndex?
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
                    // In one turn all lengths go together; in several, the last piece would end before the others.
                    if geometry.length(of: piece) < geometry.pieceLength, geometry.pieceLength > slotLength {
                        shorter = piece
                    } else {
                        pieces.append(piece)
                    }
                }
            }
            if !pieces.isEmpty { hash(pieces) }
            if let shorter { hash([shorter]) }
        }
    }

    /// Pieces of one length, or all of at most one turn.
    private mutating func hash(_ pieces: [PieceIndex]) {
        let geometry = scanner.geometry
        var states = Array(repeating: SHA1State(), count: pieces.count)
        var isReadable = Array(repeating: true, count: pieces.count)
        let longest = geometry.length(of: pieces[0])
        if longest > slotLength { for piece in pieces { reader.willRead(piece) } }
        var begin = 0
        while true {
            let isLast = begin + slotLength >= longest
            var parts: [UnsafeRawBufferPointer] = []
            parts.reserveCapacity(pieces.count)
            for (lane, piece) in pieces.enumerated() {
                let length = isReadable[lane] ? min(slotLength, geometry.length(of: piece) - begin) : 0
                let slot = UnsafeMutableRawBufferPointer(
                    rebasing: buffer[lane * slotLength..<lane * slotLength + length])
                if isReadable[lane], !reader.read(piece, begin: begin, into: slot) { isReadable[lane] = false }
                parts.append(
                    UnsafeRawBufferPointer(
                        isReadable[lane] ? slot : UnsafeMutableRawBufferPointer(rebasing: slot[..<0])))
                scanner.noteDone(length)
            }
            if isLast {
                let digests = hasher.finish(&states, with: parts)
                for (lane, piece) in pieces.enumerated() where isReadable[lane] {
                    output.put(digests[lane], at: piece.position)
                }
                return
            }
            if scanner.wasCancelled { return }
            hasher.advance(&states, over: parts)
            begin += slotLength
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
