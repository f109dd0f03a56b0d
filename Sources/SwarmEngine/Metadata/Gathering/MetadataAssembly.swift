import TorrentCore

/// Metadata that is being put together out of blocks, of a size that somebody has named.
///
/// One is asked of all who name that size; once one has come out wrong, each of them gets one of its own. The shell
/// keeps the bytes, and this who sent which block, with its digest. Nothing is made for a size, only for blocks.
package struct MetadataAssembly {
    /// Names one assembly; never used twice. The shell keeps the bytes under it.
    package struct ID: Hashable, Sendable, BitwiseCopyable {
        /// Counted from 0, as it is recorded and compared.
        package let number: UInt32
        package init(number: UInt32) { self.number = number }
    }

    /// A block that has been asked for.
    struct Block: Hashable {
        /// Who sent it, as a position in `contributors`; nil while it is missing.
        var source: UInt16?
        var digest = SHA1Digest(.zero)
        /// Peers that were asked for it, whose answers are still waited for.
        var askers: UInt8 = 0
        /// When the last of them was asked.
        var askedAt: Moment

        var isHere: Bool { source != nil }
    }

    /// What to ask a peer for.
    enum Next: Hashable {
        case piece(UInt32)
        /// Nothing, unless what others owe has not come by then.
        case later(Moment)
        /// There would be more to ask for, if there were memory for it.
        case noRoom
        case nothing
    }

    let id: ID
    /// Bytes of the whole.
    let size: Int
    /// The only one who is asked; nil if all who name the size are.
    let sender: ConnectionID?
    let begunAt: Moment
    /// How often before whoever is asked here has been given up in favour of others.
    let turns: Int
    /// When a block last came, or it began.
    private(set) var movedAt: Moment
    /// All blocks are there, and the shell looks at the hash.
    private(set) var isVerifying = false
    private(set) var receivedBytes = 0
    /// From the first on, as far as they have ever been asked for.
    private(set) var blocks: [Block] = []
    private(set) var contributors: [Contributor] = []
    /// Blocks that were asked for, have not come, and are to be asked for again.
    private var again: [UInt32] = []
    /// All blocks before this one are there.
    private var firstMissing = 0

    /// As many peers are asked for one block at once, at most: those that are slow are overtaken near the end.
    static let mostAskers = 4

    init(_ id: ID, size: Int, sender: ConnectionID?, turns: Int, at now: Moment) {
        (self.id, self.size, self.sender, self.turns) = (id, size, sender, turns)
        begunAt = now
        movedAt = now
    }

    var blockCount: Int { MetadataMessage.blockCount(of: size) }
    var isFull: Bool { firstMissing == blockCount }
    /// There are blocks that were asked for and are to be asked for again.
    var hasReturned: Bool { !again.isEmpty }

    func isHere(_ piece: UInt32) -> Bool { blocks.indices.contains(Int(piece)) && blocks[Int(piece)].isHere }

    /// The block to ask a peer for. It has those of `owed` to send already, and is asked for what others owe once
    /// `patience` has passed. `mayGrow`: there is memory for a block that has not been asked for before.
    mutating func next(owed: (UInt32) -> Bool, patience: Duration, mayGrow: Bool = true, at now: Moment) -> Next {
        if let position = again.lastIndex(where: { !owed($0) }) {
            let piece = again.remove(at: position)
            blocks[Int(piece)].askers += 1
            blocks[Int(piece)].askedAt = now
            return .piece(piece)
        }
        if blocks.count < blockCount {
            guard mayGrow else { return .noRoom }
            blocks.append(Block(askers: 1, askedAt: now))
            return .piece(UInt32(truncatingIfNeeded: blocks.count - 1))
        }
        return overtake(owed: owed, patience: patience, at: now)
    }

    /// Everything has been asked for: what has been owed for longest, if that is long enough.
    private mutating func overtake(owed: (UInt32) -> Bool, patience: Duration, at now: Moment) -> Next {
        var oldest: Int?
        for position in firstMissing..<blocks.count {
            let block = blocks[position]
            guard !block.isHere, block.askers > 0, block.askers < Self.mostAskers,
                !owed(UInt32(truncatingIfNeeded: position))
            else { continue }
            if let old = oldest, blocks[old].askedAt <= block.askedAt { continue }
            oldest = position
        }
        guard let oldest else { return .nothing }
        guard blocks[oldest].askedAt + patience <= now else { return .later(blocks[oldest].askedAt + patience) }
        blocks[oldest].askers += 1
        blocks[oldest].askedAt = now
        return .piece(UInt32(truncatingIfNeeded: oldest))
    }

    /// One of those who were asked for the block is waited for no longer. Of a block for which nobody is waited for,
    /// this is let pass.
    mutating func giveUp(_ piece: UInt32) {
        guard blocks.indices.contains(Int(piece)), blocks[Int(piece)].askers > 0 else { return }
        blocks[Int(piece)].askers -= 1
        if blocks[Int(piece)].askers == 0, !blocks[Int(piece)].isHere { again.append(piece) }
    }

    /// A block has come that was missing.
    mutating func receive(_ piece: UInt32, _ digest: SHA1Digest, length: Int, from sender: Contributor, at now: Moment)
    {
        // It may have said only now where it listens.
        let source = contributors.lastIndex { $0.connection == sender.connection } ?? contributors.count
        if source == contributors.count { contributors.append(sender) } else { contributors[source] = sender }
        blocks[Int(piece)].source = UInt16(truncatingIfNeeded: source)
        blocks[Int(piece)].digest = digest
        receivedBytes += length
        movedAt = now
        if let position = again.firstIndex(of: piece) { again.remove(at: position) }
        while firstMissing < blocks.count, blocks[firstMissing].isHere { firstMissing += 1 }
        if isFull { isVerifying = true }
    }
}

/// Where the shell is to keep the bytes of a block of metadata.
package struct MetadataPlace: Hashable, Sendable, BitwiseCopyable {
    /// Of which it is a block.
    package let assembly: MetadataAssembly.ID
    /// Bytes of the whole.
    package let size: Int
    /// Where the block begins, a multiple of `MetadataMessage.blockBytes`.
    package let offset: Int
}
