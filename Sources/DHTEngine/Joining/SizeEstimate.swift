import TorrentCore

/// A guess at how many nodes there are: the nearer the closest to a place are, the more.
struct SizeEstimate {
    /// How much of the guess one more lookup makes.
    static let weight = 0.1

    /// The part of the space that belongs to one node.
    private var share: Double?

    /// The `rank`th closest node that answered lies this far from where we looked.
    mutating func add(distance: Bytes20, rank: Int) {
        guard rank > 0 else { return }
        let part = (Double(distance.words.high) + 1) / 0x1p64 / Double(rank)
        share = share.map { $0 + (part - $0) * Self.weight } ?? part
    }

    var nodes: Int? { share.map { Int(min(1 / $0, 1e12).rounded()) } }
}
