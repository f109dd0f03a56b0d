import TorrentCore

/// How much memory the metadata of a torrent may take, and the bitfields that peers send before it is there. Each
/// torrent has some of its own; what is above that torrents share, and the shell says what is whose, in parts.
package struct MetadataRoom {
    /// Blocks that may be kept, or be on their way; as many as there are before the shell has said otherwise.
    private(set) var blocks = Int.max
    /// The shell has been asked for more.
    private(set) var isAwaited = false

    /// Blocks of metadata in one part.
    static let blocksAPart = 16
    /// Bytes of one part.
    package static let partBytes = blocksAPart * MetadataMessage.blockBytes
    /// Parts that a torrent holds on to beside what it needs: for what peers say next.
    package static let spareParts = 4
    /// Blocks that every torrent has: half a megabyte, enough for most.
    static let ownBlocks = 32

    var isLimited: Bool { blocks != .max }

    /// Parts that are needed for so many blocks.
    static func parts(of blocks: Int) -> Int { (max(0, blocks - ownBlocks) + blocksAPart - 1) / blocksAPart }

    mutating func allowed(parts: Int) {
        blocks = Self.ownBlocks + parts * Self.blocksAPart
        isAwaited = false
    }

    /// More is of use.
    mutating func want(_ agenda: inout Agenda) {
        guard !isAwaited else { return }
        isAwaited = true
        agenda.effects.append(.wantMemory)
    }
}
