import SwarmEngine
import TorrentCore

/// What came in failed attempts at pieces, a digest a block, until the piece comes good: whoever sent something else
/// than what was good in the end lied.
struct RejectedDigests {
    private var entries: [Entry] = []

    private struct Entry {
        let attempt: RejectedAttempt
        let piece: PieceIndex
        let digests: [SHA1Digest]
    }

    func contains(_ piece: PieceIndex) -> Bool { entries.contains { $0.piece == piece } }

    mutating func add(_ attempt: RejectedAttempt, at piece: PieceIndex, _ digests: [SHA1Digest]) {
        entries.append(Entry(attempt: attempt, piece: piece, digests: digests))
    }

    /// Forgets the others.
    mutating func keep(_ isOfUse: (RejectedAttempt) -> Bool) {
        entries.removeAll { !isOfUse($0.attempt) }
    }

    /// The piece has come good: its earlier attempts, and which of their blocks were different. They are forgotten.
    mutating func settle(_ piece: PieceIndex, good: [SHA1Digest]) -> [(attempt: RejectedAttempt, wrong: [Int])] {
        let earlier = entries.filter { $0.piece == piece }
        entries.removeAll { $0.piece == piece }
        return earlier.map { entry in
            let wrong = zip(entry.digests, good).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
            return (entry.attempt, wrong)
        }
    }
}
