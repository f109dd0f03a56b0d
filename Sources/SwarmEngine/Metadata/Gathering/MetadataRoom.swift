import TorrentCore

/// How much memory the metadata of a torrent may take, and the bitfields that peers send before it is there. Each
/// torrent has some of its own; what is above that torrents share, and the shell says what is whose, in parts.
package struct MetadataRoom {
    /// Blocks that may be kept, or be on their way; as many as there are before the shell has said otherwise.
    private(set) var blocks = Int.max
    /// The shell has been asked for more.
    private(set) var isAwaited = false
    /// When chance may decide again.
    private var nextChance = Moment.zero

    /// Blocks of metadata in one part.
    static let blocksAPart = 16
    /// Bytes of one part.
    package static let partBytes = blocksAPart * MetadataMessage.blockBytes
    /// Parts that a torrent holds on to beside what it needs: for what peers say next.
    package static let spareParts = 4
    /// Blocks that every torrent has: half a megabyte, enough for most.
    static let ownBlocks = 32

    /// Where metadata stands still only because memory is lacking, it is given up for others once in so many times:
    /// else several might wait for each other. However many others wait, chance decides no more often than this, so
    /// that some go on with what others gave up.
    static let (yieldsOnceIn, timeBetweenChances) = (4, Duration.seconds(3))

    var isLimited: Bool { blocks != .max }

    /// Parts that are needed for so many blocks.
    static func parts(of blocks: Int) -> Int { (max(0, blocks - ownBlocks) + blocksAPart - 1) / blocksAPart }

    mutating func allowed(parts: Int) {
        blocks = Self.ownBlocks + parts * Self.blocksAPart
        isAwaited = false
    }

    /// Whether what stands still for want of memory is given up now.
    mutating func isToYield(_ agenda: inout Agenda) -> Bool {
        guard nextChance <= agenda.now else { return false }
        nextChance = agenda.now + Self.timeBetweenChances
        return Int.random(in: 0..<Self.yieldsOnceIn, using: &agenda.generator) == 0
    }

    /// More is of use.
    mutating func want(_ agenda: inout Agenda) {
        guard !isAwaited else { return }
        isAwaited = true
        agenda.effects.append(.wantMemory)
    }
}
