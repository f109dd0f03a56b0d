import TorrentCore

/// Who sent which block of the pieces whose hash differed, until it is known which of the blocks were wrong.
struct RejectionLog {
    /// One failed attempt at a piece.
    struct Attempt {
        let contributors: [Contributor]
        /// For each block, a position in `contributors`.
        let sources: [UInt16]
    }

    private var attempts: [PieceIndex: [Attempt]] = [:]
    // Oldest first: what is forgotten when there are too many.
    private var pieces: [PieceIndex] = []

    static let mostPieces = 64
    static let mostAttempts = 8

    func isSuspect(_ piece: PieceIndex) -> Bool { attempts[piece] != nil }

    mutating func add(_ progress: PieceProgress) {
        let attempt = Attempt(contributors: progress.contributors, sources: progress.sources)
        if attempts[progress.piece] == nil {
            if pieces.count == Self.mostPieces { attempts[pieces.removeFirst()] = nil }
            pieces.append(progress.piece)
        }
        // The number of an attempt is its position, so the later ones are not kept rather than the first forgotten.
        if attempts[progress.piece, default: []].count < Self.mostAttempts {
            attempts[progress.piece, default: []].append(attempt)
        }
    }

    /// Who sent `blocks` in that attempt, each once.
    func senders(of blocks: [Int], piece: PieceIndex, attempt number: Int) -> [Contributor] {
        guard let attempts = attempts[piece], attempts.indices.contains(number) else { return [] }
        let attempt = attempts[number]
        var senders: [Contributor] = []
        for block in blocks where attempt.sources.indices.contains(block) {
            let sender = attempt.contributors[Int(attempt.sources[block])]
            if !senders.contains(sender) { senders.append(sender) }
        }
        return senders
    }
}
