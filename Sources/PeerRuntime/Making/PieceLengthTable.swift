/// Chooses how long pieces are when nobody says so: the shortest power of two that gives at most 2,048 pieces, at least
/// 16 KiB and at most 16 MiB.
///
/// | content up to | pieces of |
/// |---|---|
/// | 32 MiB | 16 KiB |
/// | 64 MiB | 32 KiB |
/// | 128 MiB | 64 KiB |
/// | 256 MiB | 128 KiB |
/// | 512 MiB | 256 KiB |
/// | 1 GiB | 512 KiB |
/// | 2 GiB | 1 MiB |
/// | 4 GiB | 2 MiB |
/// | 8 GiB | 4 MiB |
/// | 16 GiB | 8 MiB |
/// | above | 16 MiB |
package enum PieceLengthTable {
    /// Bytes.
    package static let shortest = 16 << 10
    /// Bytes; longer ones only by hand.
    package static let longest = 16 << 20
    /// The longest that may be asked for; what others have made may have longer ones.
    package static let longestByHand = 128 << 20
    /// Pieces of a torrent, at most, unless they would be longer than `longest`.
    package static let pieces: Int64 = 2_048

    /// Bytes a piece for so many bytes of content: a power of two, as BEP 3 has it.
    package static func length(for total: Int64) -> Int {
        var length = shortest
        while length < longest, total > Int64(length) * pieces { length *= 2 }
        return length
    }
}
