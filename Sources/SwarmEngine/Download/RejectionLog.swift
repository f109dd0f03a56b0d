import TorrentCore

/// Names one attempt at a piece whose hash was wrong; never used twice. The shell keeps the digests of the attempt's
/// blocks under this name.
package struct RejectedAttempt: Hashable, Sendable, BitwiseCopyable {
    let number: UInt64
}

/// Who sent which block of pieces with a wrong hash, kept until it is known which of the blocks were wrong.
struct RejectionLog {
    private struct Attempt {
        let name: RejectedAttempt
        let piece: PieceIndex
        let contributors: [Contributor]
        /// For each block, a position in `contributors`.
        let sources: [UInt16]
    }

    // Oldest first. When there are too many, the oldest are forgotten.
    private var attempts: [Attempt] = []
    private var nextNumber: UInt64 = 0

    static let mostAttempts = 64

    func isSuspect(_ piece: PieceIndex) -> Bool { attempts.contains { $0.piece == piece } }

    func contains(_ name: RejectedAttempt) -> Bool { attempts.contains { $0.name == name } }

    mutating func add(_ progress: PieceProgress) -> RejectedAttempt {
        if attempts.count == Self.mostAttempts { attempts.removeFirst() }
        let name = RejectedAttempt(number: nextNumber)
        nextNumber += 1
        attempts.append(
            Attempt(
                name: name, piece: progress.piece, contributors: progress.contributors, sources: progress.sources))
        return name
    }

    /// Forgets the attempt, and returns who sent `blocks` in it, each sender once.
    mutating func settle(_ name: RejectedAttempt, wrong blocks: [Int]) -> [Contributor] {
        guard let position = attempts.firstIndex(where: { $0.name == name }) else { return [] }
        let attempt = attempts.remove(at: position)
        var senders: [Contributor] = []
        for block in blocks where attempt.sources.indices.contains(block) {
            let sender = attempt.contributors[Int(attempt.sources[block])]
            if !senders.contains(sender) { senders.append(sender) }
        }
        return senders
    }
}
